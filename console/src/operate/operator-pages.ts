/** The pages of those who run the farm, in one frame; none of them is loaded before an operator opens one. */
import type { RouteRecordRaw } from 'vue-router'

export const operatorPages: readonly RouteRecordRaw[] = [
  {
    path: '/operate',
    component: () => import('./OperateFrame.vue'),
    meta: { title: 'console-operate-overview', access: 'operator' },
    children: [
      { path: '', component: () => import('./OverviewPage.vue') },
      {
        path: 'wikis',
        component: () => import('./wikis/WikisPage.vue'),
        meta: { title: 'console-operate-wikis', access: 'operator' },
      },
      {
        path: 'tasks',
        component: () => import('./tasks/TasksPage.vue'),
        meta: { title: 'console-operate-tasks', access: 'operator' },
      },
      {
        path: 'sync',
        component: () => import('./sync/SyncPage.vue'),
        meta: { title: 'console-operate-sync', access: 'operator' },
      },
      {
        path: 'alarms',
        component: () => import('./alarms/AlarmsPage.vue'),
        meta: { title: 'console-operate-alarms', access: 'operator' },
      },
      {
        path: 'users',
        component: () => import('./users/UsersPage.vue'),
        meta: { title: 'console-operate-users', access: 'operator' },
      },
      {
        path: 'users/:id(\\d+)',
        component: () => import('./users/UserPage.vue'),
        props: ({ params }) => ({ userId: Number(params['id']) }),
        meta: { title: 'console-operate-user', access: 'operator' },
      },
      {
        path: 'audit',
        component: () => import('./audit/AuditPage.vue'),
        meta: { title: 'console-operate-audit', access: 'operator' },
      },
      {
        path: 'health',
        component: () => import('./health/HealthPage.vue'),
        meta: { title: 'console-operate-health', access: 'operator' },
      },
    ],
  },
]

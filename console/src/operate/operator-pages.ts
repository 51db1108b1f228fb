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
        component: () => import('./WikisPage.vue'),
        meta: { title: 'console-operate-wikis', access: 'operator' },
      },
      {
        path: 'tasks',
        component: () => import('./TasksPage.vue'),
        meta: { title: 'console-operate-tasks', access: 'operator' },
      },
      {
        path: 'sync',
        component: () => import('./SyncPage.vue'),
        meta: { title: 'console-operate-sync', access: 'operator' },
      },
      {
        path: 'alarms',
        component: () => import('./AlarmsPage.vue'),
        meta: { title: 'console-operate-alarms', access: 'operator' },
      },
      {
        path: 'users',
        component: () => import('./UsersPage.vue'),
        meta: { title: 'console-operate-users', access: 'operator' },
      },
      {
        path: 'users/:id(\\d+)',
        component: () => import('./UserPage.vue'),
        props: ({ params }) => ({ userId: Number(params['id']) }),
        meta: { title: 'console-operate-user', access: 'operator' },
      },
      {
        path: 'audit',
        component: () => import('./AuditPage.vue'),
        meta: { title: 'console-operate-audit', access: 'operator' },
      },
      {
        path: 'health',
        component: () => import('./HealthPage.vue'),
        meta: { title: 'console-operate-health', access: 'operator' },
      },
    ],
  },
]

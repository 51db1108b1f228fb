export {
  superviseChild,
  type ChildOptions,
  type ChildState,
  type SupervisedChild,
} from './supervised-child.ts'

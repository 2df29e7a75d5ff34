export { checkRequest, type Filtered } from './check-request.ts';

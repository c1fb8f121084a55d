export { Random } from '@banyan/core/testing';

import type { en } from './en';

/** 中文。 */
export const zh: typeof en = {
  connection: { ended: '登录已失效，请重新登录。' },
  undo: { skipped: (n: number) => `${n} 条记录未撤销：其他人之后修改过` },
};

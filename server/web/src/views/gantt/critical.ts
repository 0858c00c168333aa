/**
 * Which tasks have no slack as they are scheduled: one day later, and the last of
 * all linked tasks ends later. Only a
 * picture: the dates are people's, nothing is rescheduled.
 */
import type { RecordId } from '../../fields/wire';
import type { Scheduled } from './model';

/** Gaps up to a weekend are not slack: people do not work then. */
const weekend = 2;

export function criticalTasks(tasks: readonly Scheduled[]): Set<RecordId> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const after = new Map<RecordId, Scheduled[]>();
  for (const task of tasks) {
    for (const before of task.depends) if (byId.has(before) && before !== task.id) after.set(before, [...(after.get(before) ?? []), task]);
  }
  const linked = tasks.filter((task) => after.has(task.id) || task.depends.some((id) => byId.has(id)));
  const last = linked.reduce((n, task) => Math.max(n, task.end), -Infinity);
  const latest = new Map<RecordId, number>();
  // Depth first with an own stack: a chain of five thousand tasks is deeper than the call stack.
  for (const root of linked) {
    const stack: { task: Scheduled; next: number }[] = [{ task: root, next: 0 }];
    const open = new Set<RecordId>([root.id]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { task: Scheduled; next: number };
      const followers = after.get(top.task.id) ?? [];
      const follower = latest.has(top.task.id) ? undefined : followers[top.next++];
      if (follower) {
        // A circle has no end; its tasks are left as they are.
        if (!latest.has(follower.id) && !open.has(follower.id)) {
          stack.push({ task: follower, next: 0 });
          open.add(follower.id);
        }
        continue;
      }
      if (!latest.has(top.task.id)) latest.set(top.task.id, latestEnd(top.task, followers, latest, last));
      open.delete(top.task.id);
      stack.pop();
    }
  }
  return new Set(linked.filter((task) => (latest.get(task.id) ?? Infinity) - task.end <= 0).map((task) => task.id));
}

function latestEnd(task: Scheduled, followers: readonly Scheduled[], latest: ReadonlyMap<RecordId, number>, last: number): number {
  let end = last;
  for (const follower of followers) {
    const slack = (latest.get(follower.id) ?? follower.end) - follower.end;
    const gap = follower.start - task.end - 1;
    end = Math.min(end, task.end + slack + (gap <= weekend ? Math.min(gap, 0) : gap));
  }
  return end;
}

/** Deploys as charts mark them. Pure. */
import type { Mark } from './chart';
import type { Deploy, Project } from './types';

/** Lines of one chart: with more of them one sees the lines alone. */
const MARKS_MAX = 40;

/** Those in live environments; where there are none, all. */
export function liveOf(deploys: readonly Deploy[], projects: readonly Project[]): Deploy[] {
  const live = deploys.filter(({ project_id, environment }) => {
    const project = projects.find((one) => one.project_id === project_id);
    const live = project?.settings.live_environments;
    return environment === null || !live || live.includes(environment);
  });
  return live.length > 0 ? live : [...deploys];
}

/** A line each, the newest ones first. */
export function deployMarks(deploys: readonly Deploy[]): Mark[] {
  return deploys.slice(0, MARKS_MAX).map((deploy) => ({
    at: Date.parse(deploy.at),
    label: deploy.version,
    isName: true,
  }));
}

/** The last deploy before a moment: what ran then. */
export function lastBefore(deploys: readonly Deploy[], moment: number): Deploy | undefined {
  return deploys
    .filter(({ at }) => Date.parse(at) < moment)
    .reduce<Deploy | undefined>((last, one) => (last && last.at >= one.at ? last : one), undefined);
}

/**
 * Whether labels match a selector, as the API server would say: terms `key`, `!key`, `key=value`, `key!=value`, joined by commas.
 * Throws on the other forms, which we don't use.
 */
export function selectorMatcher(selector: string | undefined): (labels: Readonly<Record<string, string>> | undefined) => boolean {
  const terms = (selector ?? '').split(',').flatMap((term) => (term.trim() === '' ? [] : termOf(term.trim())));
  return (labels = {}) => terms.every((term) => term(labels));
}

type Term = (labels: Readonly<Record<string, string>>) => boolean;

function termOf(text: string): Term {
  const [, not, key = '', operator, value] = /^(!?)([\w./-]+)(?:(==|=|!=)([\w.-]*))?$/.exec(text) ?? [];
  if (key === '' || (not === '!' && operator !== undefined))
    throw new Error(`label selector term "${text}": not of the form key, !key, key=value or key!=value`);
  if (operator === undefined) return not === '!' ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
  return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
}

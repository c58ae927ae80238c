/** What the server says about an attempt, in the reader's language. Pure. */
import type { Values } from './phrase';
import type { Key } from './words/en';

/** The server's sentences, of which the dashboard has its own; the rest is shown as it came. */
const SENTENCES: readonly [RegExp, Key][] = [
  [/^It (did|does) not answer( in time)?\.$/, 'said.noAnswer'],
  [/^Nothing listens there\.$/, 'said.nobody'],
  [/^The name (?<name>\S+) is not known\.$/, 'said.unknownName'],
  [/^(?<name>\S+) is no name of a server\.$/, 'said.noName'],
  [/^The conversation broke off: (?<why>.*)$/, 'said.broken'],
  [/^(?<name>\S+) is (?<ip>\S+), which is not on the internet/, 'said.inside'],
  [/^Messages go over https only/, 'said.https'],
  [/^The address cannot be used/, 'said.badUrl'],
  [/^The answer is none of /, 'said.notVendor'],
  [/^It redirects/, 'said.redirects'],
  [/^The key or token is not accepted\.$/, 'said.key'],
  [/^There is no such address any more/, 'said.noAddress'],
  [/^This address takes no messages\.$/, 'said.noMessages'],
  [/^It took too long\.$/, 'said.slow'],
  [/^Too many messages/, 'said.tooMany'],
  [/^The message is not accepted as it is\.$/, 'said.refused'],
  [/^It has a fault of its own at the moment\.$/, 'said.ownFault'],
  [/^\w+ answers with a fault\.$/, 'said.ownFault'],
  [/^This (hook|robot).* does not exist/, 'said.noHook'],
  [/^The signature is not accepted/, 'said.signature'],
  [/^The robot does not allow this machine's IP/, 'said.ip'],
  [/^The robot wants a keyword/, 'said.keyword'],
  [/^The robot's security settings refuse it\.$/, 'said.security'],
  [/^The group has a new id: enter (?<id>\S+) as/, 'said.migrated'],
  [/^There is no such chat/, 'said.noChat'],
  [/^The bot's token is not accepted\.$/, 'said.token'],
  [/^The bot was removed from the chat/, 'said.left'],
  [/^Teams has queued it/, 'said.teams'],
  [/^The mail server has taken it/, 'said.mail'],
  [/^Its address cannot be read, as the key/, 'said.noKey'],
  [/^The index takes nothing/, 'said.indexFull'],
  [/^There is no such index/, 'said.noIndex'],
  [/^This user may not write to the index/, 'said.indexUser'],
  [/^The index does not take the document/, 'said.indexDocument'],
  [/^The mail server takes no name and password here/, 'said.mailNoLogin'],
  [/^The mail server offers no TLS/, 'said.mailTls'],
  [/^The mail server does not take it now/, 'said.mailLater'],
  [/^The answer is no mail server's/, 'said.mailNone'],
  [/^The mail server asks for a login/, 'said.mailLogin'],
  [/^The name or the password is not accepted/, 'said.mailPassword'],
  [/^The mail server does not serve this machine/, 'said.mailMachine'],
  [/^The mail server does not accept the address in/, 'said.mailFrom'],
  [/^The mail server accepts none of the addresses/, 'said.mailTo'],
  [/^The mail is not accepted as it is/, 'said.mailRefused'],
];

export function saidSentence(
  sentence: string,
  t: (key: Key, values?: Values) => string,
): string {
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(sentence);
    if (match) return t(key, { ...match.groups }) || sentence;
  }
  return sentence;
}

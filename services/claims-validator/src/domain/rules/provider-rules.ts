import { topics, type Authorization, type ProviderChanged } from '@vigil/contracts';
import { noteVersion, type ClaimCase, type LineCase } from '../claim-case.ts';
import type { AccumulatorKey } from '../claim-world.ts';
import { judgeEdit } from './judge-edit.ts';
import { lineRule, type Finding, type Rule } from './rule.ts';

const table = topics.providerChanged.name;

/** Providers are identifiers that a decision's text may not carry: the row is told by its version alone. */
const evidenceOf = (provider: ProviderChanged | undefined) => ({ table, row: '', version: provider?.version ?? 0 });

const paysUnknown = (line: LineCase): boolean => line.terms.settings.unknownProvider === 'out-of-network';

function providerOn(id: string, line: LineCase, at: ClaimCase): ProviderChanged | undefined {
  if (id === at.claim.providerId && line.day === at.day) return at.provider;
  return at.world.reference.provider(id, line.day);
}

function findIneligible(id: string, line: LineCase, at: ClaimCase): Finding | null {
  const provider = providerOn(id, line, at);
  if (provider === undefined) return paysUnknown(line) ? null : { detail: 'not on file', evidence: evidenceOf(provider) };
  noteVersion(at, table, provider.version);
  return provider.eligible ? null : { detail: 'not eligible', evidence: evidenceOf(provider) };
}

function findRenderingIneligible(line: LineCase, at: ClaimCase): Finding | null {
  const id = line.line.renderingProviderId === '' ? at.claim.renderingProviderId : line.line.renderingProviderId;
  return id === '' || id === at.claim.providerId ? null : findIneligible(id, line, at);
}

function findProviderType(line: LineCase, at: ClaimCase): Finding | null {
  const type = providerOn(at.claim.providerId, line, at)?.providerType ?? '';
  return type === '' ? null : judgeEdit('provider-type', { line, at }, ({ other }) => other === type);
}

/** A grant for the line's code on its day; with the number that the claim gives, where it gives or has to give one. */
function findAuthorization(line: LineCase, at: ClaimCase): Authorization | undefined {
  const { priorAuthorization } = at.claim;
  const { day } = line;
  if (priorAuthorization === '' && line.terms.settings.authorizationNumber === 'required') return undefined;
  return at.member.authorizations.find(
    ({ number, procedureCode, from, to }) =>
      procedureCode === line.code &&
      from <= day &&
      (to === null || day <= to) &&
      (priorAuthorization === '' || number === priorAuthorization),
  );
}

function findUnauthorized(line: LineCase, at: ClaimCase): Finding | null {
  if (line.benefit?.priorAuthorization !== true || !line.benefit.covered) return null;
  const authorization = findAuthorization(line, at);
  if (authorization === undefined) return { detail: at.claim.priorAuthorization === '' ? 'no number given' : 'no grant of that number' };
  line.grant = authorization;
  return null;
}

/** Units that were used of a grant, in any plan year and network. Under one number several codes may be granted, and one code again. */
export const authorizationKey = ({ number, procedureCode, from }: Authorization, at: ClaimCase): AccumulatorKey => ({
  owner: at.claim.memberToken,
  planId: at.planId,
  planYear: 0,
  network: 'in',
  pot: `authorization:${number}:${procedureCode}:${from}`,
});

const isSameGrant = (one: Authorization, other: Authorization): boolean =>
  one.number === other.number && one.procedureCode === other.procedureCode && one.from === other.from;

/** Lines before this one have taken their units already, also where a later rule denies them. */
function findExceeded(line: LineCase, at: ClaimCase): Finding | null {
  const { grant } = line;
  if (grant === undefined) return null;
  const granted = grant.unitsThousandths;
  let used = at.world.accumulators.of(authorizationKey(grant, at));
  for (const other of at.lines) {
    if (other === line) break;
    if (!other.denied && other.grant !== undefined && isSameGrant(other.grant, grant)) used += other.units;
  }
  return used + line.units <= granted ? null : { detail: `${granted} thousandths granted, ${used} used, ${line.units} billed` };
}

const unknown = ['provider.unknown'];

/** Steps 11 and 12: whether the providers may bill and do this, and whether it was authorised. */
export const providerRules: readonly Rule[] = [
  lineRule(
    {
      code: 'PROVIDER_INELIGIBLE',
      name: 'The billing provider is not on file, or not eligible on the day of service',
      step: 11,
      group: 'CO',
      carc: 'B7',
      rarc: ['N570'],
      settings: unknown,
      source: 'CARC B7',
    },
    (line, at) => findIneligible(at.claim.providerId, line, at),
  ),
  lineRule(
    {
      code: 'RENDERING_INELIGIBLE',
      name: 'The rendering provider is not on file, or not eligible on the day of service',
      step: 11,
      group: 'CO',
      carc: '185',
      settings: unknown,
      source: 'CARC 185',
    },
    findRenderingIneligible,
  ),
  lineRule(
    {
      code: 'PROVIDER_TYPE',
      name: 'Providers of that type do not bill the procedure',
      step: 11,
      group: 'CO',
      carc: '170',
      rarc: ['N95'],
      source: 'edit table provider-type; CARC 170',
    },
    findProviderType,
  ),
  lineRule(
    {
      code: 'UNAUTHORIZED',
      name: 'The benefit needs a prior authorisation, and there is none for member, code and day',
      step: 12,
      group: 'CO',
      carc: '197',
      rarc: ['M62'],
      settings: ['authorization.number'],
      source: 'CARC 197',
    },
    findUnauthorized,
  ),
  lineRule(
    {
      code: 'AUTHORIZATION_EXCEEDED',
      name: 'More units than the authorisation has left',
      step: 12,
      group: 'CO',
      carc: '198',
      source: 'CARC 198',
    },
    findExceeded,
  ),
];

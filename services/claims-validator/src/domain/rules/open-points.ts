/** A question that the rules leave open, and how it was answered. */
export interface OpenPoint {
  readonly question: string;
  readonly choice: string;
  readonly why: string;
  /** Plan settings that change it; empty = none does. */
  readonly settings: readonly string[];
}

/** Where payers differ or the standards are silent. */
export const openPoints: readonly OpenPoint[] = [
  {
    question: 'Half a cent',
    choice:
      'Up, in prices of fractional units and in coinsurance. All arithmetic is in whole cents; the plan pays what rounding leaves of an allowed amount.',
    why: 'Fee schedules and benefit systems round half up; the line balances whatever is chosen.',
    settings: ['rounding'],
  },
  {
    question: 'An MUE: deny or cut',
    choice:
      'The line is denied as a whole. Units of the code by the provider on the day count together, on all claims, in the order they came.',
    why: 'CMS denies the line (MLN SE1422: claim-line and date-of-service edits); some payers pay up to the edit.',
    settings: ['mue', 'mue.counts'],
  },
  {
    question: 'NCCI pairs across claims',
    choice:
      'Compared with every decided service of the provider and day. Column two after column one is denied; column one after a paid column two goes to a person, because the earlier payment has to be taken back first.',
    why: 'NCCI edits hold for the same provider, patient and day, whatever claim the codes are on.',
    settings: ['ncci.across-claims'],
  },
  {
    question: 'What counts against a money maximum',
    choice:
      'What the plan paid. A line that reaches it is cut to what is left; the rest is the patient’s, PR-119 or PR-35, and counts neither against the deductible nor against the out-of-pocket maximum.',
    why: 'Plan documents limit benefits paid; some limit allowed amounts.',
    settings: ['maximum.counts', 'maximum.network'],
  },
  {
    question: 'What a visit is',
    choice: 'A day on which a claim uses the benefit, however many lines it has.',
    why: 'Limits speak of visits, not of services.',
    settings: [],
  },
  {
    question: 'The method of coordination',
    choice:
      'Standard (come out whole): the own benefit, up to what the payers before left to the patient. OA-23 tells what they paid and wrote off; the rest is told as the own CO-45 and PR. Where an MUE cuts a line, what was paid and left for it is cut in proportion.',
    why: 'NAIC model regulation; X12 RFI 2143: a later payer reports nothing that the provider has posted already. Self-funded plans use the other two.',
    settings: ['cob.method'],
  },
  {
    question: 'What another payer bore of the own deductible',
    choice:
      'Counts against the deductible as if the patient had borne it; against the out-of-pocket maximum only what the patient still owes.',
    why: 'NAIC Coordination of Benefits Model Regulation (120) § 7 A for insured plans, 42 CFR 411.30 for Medicare; self-funded ones may count only what is owed. 45 CFR 156.130: the maximum limits what the enrollee pays.',
    settings: ['cob.deductible'],
  },
  {
    question: 'What a payer before did not tell by line',
    choice:
      'What a line leaves unexplained is explained by the adjustments of the claim; without any it was left to the patient. Of an allowed amount that is left which all payers together did not pay.',
    why: 'X12 005010X222A1 loops 2320 and 2430: adjustments come by claim, by line or both, and some senders repeat the sums of the lines.',
    settings: [],
  },
  {
    question: 'What a replacement or void may name',
    choice:
      'The claim id of the original, or the payer claim control number of a remittance (CLP07). Either means what stands there now: who names a claim that was replaced corrects its replacement.',
    why: 'X12 005010X222A1, REF*F8, asks for the payer’s number; senders use both.',
    settings: [],
  },
  {
    question: 'A replacement that is denied itself',
    choice:
      'Unprocessable (steps 1 and 2), too late, or denied by a person: the original goes on standing. Denied for any other reason, it stands as denied in the place of the original. So does a void without an original: it is denied CO-16 M47.',
    why: 'A typing error in a correction is no reason to take money back; a service that turns out not to be covered is.',
    settings: [],
  },
  {
    question: 'Until when a replacement is in time',
    choice: 'As any claim: it counts from its services, not from the decision about the original. A void is never too late.',
    why: 'CMS IOM 100-04 ch. 1 § 70; payers that allow more for corrections say so as the plan’s limit.',
    settings: [],
  },
  {
    question: 'A replacement or void of a claim that is not known, or was taken back',
    choice: 'Goes to a person. Released, a replacement is adjudicated as an original, a void takes nothing back.',
    why: 'The original may only be late; denying would let it pass afterwards.',
    settings: [],
  },
  {
    question: 'A covered code without a price',
    choice: 'Goes to a person; released, it is allowed as charged.',
    why: 'A gap in the schedule is the payer’s, neither the provider’s nor the patient’s.',
    settings: ['unpriced'],
  },
  {
    question: 'The group code of a denial',
    choice:
      'PR where no contract or benefit stands between provider and patient (no coverage, not covered, used up), OA where it is nobody’s (duplicate, wrong payer), CO for the rest.',
    why: 'Who bears it follows the provider’s contract and the plan; the list of rules has the default of each.',
    settings: ['group.<CARC>'],
  },
  {
    question: 'The charge above the allowed amount, out of network',
    choice: 'CO-45 as in network.',
    why: 'The contract forbids the balance in network, the No Surprises Act for emergencies and some services out of it; a plan whose members owe the rest says PR.',
    settings: ['group.45'],
  },
  {
    question: 'A claim with a problem that only one line has',
    choice:
      'SNIP levels 1 to 4 deny the claim as a whole: the line has the remark, the others MA130. All problems of the kind are told at once.',
    why: 'A claim that breaks the guide is unprocessable as it stands; its sender corrects it in one go.',
    settings: [],
  },
  {
    question: 'A claim without a policy, or of a member that is not known',
    choice: 'Denied CO-16 N382, and PR-31.',
    why: 'There is nothing to decide by; a corrected claim is a new one.',
    settings: ['group.<CARC>'],
  },
  {
    question: 'A provider that is not on file',
    choice: 'Denied CO-B7.',
    why: 'Whether it may bill is not known; plans with free choice pay it as out of network.',
    settings: ['provider.unknown'],
  },
  {
    question: 'A plan that is not on file',
    choice: 'Goes to a person, and again after every release until the plan is loaded.',
    why: 'Our reference data is at fault.',
    settings: [],
  },
  {
    question: 'The day that decides',
    choice:
      'The first day of each line, for coverage, codes, prices and limits. A line whose day belongs to another plan is denied CO-16 N61. Timely filing counts from the last day of an institutional service.',
    why: 'CMS IOM 100-04 ch. 1 § 70.4; services that span plans are billed apart.',
    settings: [],
  },
  {
    question: 'What is a duplicate',
    choice:
      'Billing and rendering provider, code, modifiers, units, day and charge equal: OA-18. All but the charge, and paid: OA-B13. The same code and day with other units or modifiers, or by another provider for the same charge (also another rendering one of the same claim): a person looks, unless a modifier says that it is a repeat. What was denied is no duplicate.',
    why: 'CMS IOM 100-04 ch. 1 § 120: exact duplicates are denied, suspect ones reviewed.',
    settings: ['duplicate.suspected'],
  },
  {
    question: 'A prior authorisation on file that the claim does not name',
    choice:
      'Does not count. Units that an earlier line of the claim asks for are not there for a later one, also where a rule after step 12 denies the earlier.',
    why: 'The number is required where the guide says so (REF*G1).',
    settings: ['authorization.number'],
  },
  {
    question: 'What the out-of-pocket maximum takes off',
    choice: 'The copay first, then the coinsurance, the deductible last.',
    why: 'In the reverse order of how they came about.',
    settings: [],
  },
  {
    question: 'Which reasons a release lifts',
    choice: 'Those that were shown, line by line. A release with one person above the limit lifts nothing: it asks for a second.',
    why: 'What nobody looked at is still open.',
    settings: ['review.second-person-cents'],
  },
];

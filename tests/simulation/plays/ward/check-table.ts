import type { Check } from './observe-ward.ts';
import { criticalName, limits, sources, timing } from './ward-topology.ts';

/** What the ledger says of a table, decides: with those positions anybody can decide again, and comes to the same. */
export const checkTable: Check = ({ accepted, limits: rows, ledger }) =>
  accepted.flatMap(({ partition, key, value: { id, origin, offset, limit } }) => {
    const topic = sources[origin]?.name;
    const row = ledger.find(
      (each) => each.topic === topic && each.partition === partition && each.firstOffset <= offset && offset <= each.lastOffset,
    );
    const position = row?.tablePositions[`${limits.name}-0`] ?? 0;
    const inForce = rows.findLast((each) => each.key === criticalName && each.offset < position)?.value.critical ?? timing.criticalValue;
    if (inForce === limit) return [];
    return [{ invariant: 'I5', detail: `${key}/${id}: decided by the limit ${limit}, by the table at ${position} it is ${inForce}` }];
  });

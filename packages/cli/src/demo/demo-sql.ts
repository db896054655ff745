/** A question that an analyst asks, and what it is called on the screen. */
export interface WarehouseQuery {
  readonly title: string;
  readonly sql: string;
}

/** Run as the role `analyst`: what these see is all that analysts see. */
export const warehouseQueries: readonly WarehouseQuery[] = [
  {
    title: 'Vital signs per age group (five-minute windows)',
    sql: `SELECT coalesce(p.age_group, 'unknown') AS age_group, v.code AS vital, v.unit, count(*)::int AS windows,
       round(avg(w.mean)::numeric, 1)::float AS mean, round(max(w.max)::numeric, 1)::float AS max
FROM warehouse.vital_window w
JOIN warehouse.dim_patient p USING (patient_key)
JOIN warehouse.dim_vital v USING (vital_key)
WHERE v.code IN ('heart_rate', 'oxygen_saturation')
GROUP BY 1, 2, 3 ORDER BY 1, 2 LIMIT 8`,
  },
  {
    title: 'Alerts by rule',
    sql: `SELECT rule, kind, severity, count(*)::int AS alerts, count(DISTINCT patient_key)::int AS patients
FROM warehouse.alert GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT 8`,
  },
  {
    title: 'What the monitors measured and what was judged impossible',
    sql: `SELECT d.class AS device_class, d.model, count(*)::int AS readings,
       count(*) FILTER (WHERE cardinality(r.excluded) > 0)::int AS with_excluded, count(DISTINCT r.patient_key)::int AS patients
FROM warehouse.fact_vital_reading r JOIN warehouse.dim_device d USING (device_key)
GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 5`,
  },
];

/** Facts of the warehouse; the difference of two answers is what a run added. */
export const factCountsSql = `SELECT (SELECT count(*) FROM warehouse.fact_vital_reading)::int AS readings,
  (SELECT count(*) FROM warehouse.fact_vital_window)::int AS windows,
  (SELECT count(*) FROM warehouse.fact_alert WHERE change = 'raised')::int AS alerts`;

import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { inspectDefinition, type ParsedDefinition } from '../parse-definition.ts';
import { readDocument } from '../read-document.ts';
import { expandTemplate, type Templates } from '../template/expand-template.ts';
import { workflowSchema, type WorkflowDefinition } from './workflow-schema.ts';

/** Reads a definition that may stand on a template; problems within the template are shown where the definition names it. */
export const inspectWorkflow = (text: string, templates: Templates): ParsedDefinition<WorkflowDefinition> =>
  inspectDefinition(canonicalText(text), workflowSchema, expandTemplate(templates));

/** A text with the ends of its lines as LF and no byte-order mark: what its author sees, whatever his editor writes. */
export const canonicalText = (text: string): string => text.replace(/^\u{FEFF}/u, '').replace(/\r\n?/g, '\n');

/**
 * A definition that stands alone, as it is deployed: its canonical text, or with its template put in place.
 *
 * @param text  one that {@link inspectWorkflow} accepts with the same templates
 */
export function deployedText(text: string, templates: Templates): string {
  const canonical = canonicalText(text);
  const read = readDocument(canonical);
  const value = read.ok ? read.value : null;
  const expanded = expandTemplate(templates)(value);
  return !expanded.ok || expanded.value === value ? canonical : stringify(expanded.value);
}

/** SHA-256, in hex, of a definition's canonical text: two definitions of one hash are one version. */
export const sha256OfDefinition = (text: string): string => createHash('sha256').update(canonicalText(text)).digest('hex');

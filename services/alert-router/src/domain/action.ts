/** What a message tells a provider; Slack and mail carry a resolve as a message that it is over. */
export type Action = 'trigger' | 'acknowledge' | 'resolve';

/**
 * The greatest amount of the customer's workflow for claims (`amount_range`: 50,000.00), in cents. What lies above is a sender's
 * free number: a person looks at it, and it does not leave de-identified.
 */
export const mostClaimCents = 5_000_000;

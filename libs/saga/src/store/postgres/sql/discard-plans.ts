/** Plans of this session's prepared statements are made anew when they are needed. Lock: none. */
export const discardPlans = (): string => 'discard plans';

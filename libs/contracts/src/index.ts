export class Ping { constructor(readonly id: string) {} }

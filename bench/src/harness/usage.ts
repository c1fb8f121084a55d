/** What a process has used since `begin`. */
export interface Usage {
  readonly cpuSeconds: number;
  /** The most it ever had resident, megabytes; of the whole process, since nothing gives the peak of a part. */
  readonly peakRssMb: number;
}

export class UsageMeter {
  private from = process.cpuUsage();

  begin(): void {
    this.from = process.cpuUsage();
  }

  read(): Usage {
    const { user, system } = process.cpuUsage(this.from);
    return { cpuSeconds: (user + system) / 1e6, peakRssMb: process.resourceUsage().maxRSS / 1024 };
  }
}

using System.Globalization;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>How much memory can still be had.</summary>
internal static class FreeMemory
{
    /// <summary>In bytes: what the system calls available, within the limit that this process has.</summary>
    public static long Available()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        long withinLimit = info.TotalAvailableMemoryBytes - Environment.WorkingSet;
        string? line = File.Exists("/proc/meminfo")
            ? File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal))
            : null;
        return line is null
            ? withinLimit
            : Math.Min(withinLimit, 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));
    }
}

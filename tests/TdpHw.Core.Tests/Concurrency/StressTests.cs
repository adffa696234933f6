using System.Globalization;
using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Concurrency;

/// <summary>
/// vCPUs, devices, a host that takes memory away, one that ages, one that reads the dirty log and one that splits and joins pages,
/// all at once on one VM. TDPHW_STRESS_OPERATIONS and TDPHW_STRESS_SEED say how long and from which seed.
/// </summary>
public sealed class StressTests(ITestOutputHelper output)
{
    private const long UsualOperations = 1_000_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_million_operations_at_once_leave_all_as_it_should_be(bool isStrict)
    {
        long operations = Number("TDPHW_STRESS_OPERATIONS") ?? UsualOperations;
        int seed = (int)(Number("TDPHW_STRESS_SEED") ?? Environment.TickCount);
        var run = new StressRun(isStrict ? SharingMode.Strict : SharingMode.AsPosted, operations, seed);
        try
        {
            run.Run();
            run.AssertEnd();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"with TDPHW_STRESS_SEED={seed}, after {run.Done} operations: {e.Message}", e);
        }
        finally
        {
            output.WriteLine(run.ToString());
        }

        Assert.True(run.Done >= operations, $"{run.Done} operations were done");
        Assert.True(run.LostRaces > 0, $"no compare-exchange was ever lost: the threads did not meet, with TDPHW_STRESS_SEED={seed}");
        Assert.True(run.AccessesDuringZaps > 0, $"no access ever met a zap, with TDPHW_STRESS_SEED={seed}");
    }

    private static long? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}

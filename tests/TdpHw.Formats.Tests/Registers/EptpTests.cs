using System.Text.Json;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Registers;

public sealed class EptpTests
{
    /// <summary>The captures of tables that a kernel wrote, by folder.</summary>
    public static TheoryData<string> Captures => ["ept-default", "ept-huge", "ept-noad"];

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_pointer_of_a_capture_names_its_root_and_how_it_is_walked(string capture)
    {
        JsonElement description = CaptureFile.Description(capture);
        JsonElement parameters = description.GetProperty("parameters");
        var eptp = new Eptp(parameters.GetProperty("eptp").Hex());
        Assert.Equal(description.GetProperty("roots")[0].GetProperty("hpa").Hex(), eptp.Root.Value);
        Assert.Equal(parameters.GetProperty("levels").GetInt32(), eptp.WalkLength);
        Assert.Equal(parameters.GetProperty("accessed_dirty").GetBoolean(), eptp.AccessedDirty);
        Assert.Equal(EptWalkMemoryType.WB, eptp.MemoryType);
        Assert.False(eptp.SupervisorShadowStack);
        Assert.Equal(0ul, eptp.Raw & Eptp.ReservedMask);
    }

    [Fact]
    public void A_pointer_is_put_together_as_a_kernel_does()
    {
        Eptp eptp = default(Eptp)
            .WithRoot(new(0x14aa62000))
            .WithMemoryType(EptWalkMemoryType.WB)
            .WithWalkLength(4)
            .WithAccessedDirty(true);
        Assert.Equal(0x14aa6205eul, eptp.Raw);
        Assert.Equal(0x14aa6201eul, eptp.WithAccessedDirty(false).Raw);
    }

    [Theory]
    [InlineData(0x1001)]
    [InlineData(0x10000000000000)]
    public void A_root_that_does_not_fit_is_refused(long root) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => default(Eptp).WithRoot(new((ulong)root)));
}

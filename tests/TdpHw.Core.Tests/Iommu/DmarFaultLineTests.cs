using TdpHw.Core.Iommu;

namespace TdpHw.Core.Tests.Iommu;

public sealed class DmarFaultLineTests
{
    // Lines as kernels wrote them in public bug reports.
    [Theory]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05] PTE Write access is not set", "00:1a.0", true, null, 0x0ul, 0x05)]
    [InlineData("[Fri May  1 09:46:36 2026] DMAR: [DMA Write NO_PASID] Request device [80:1f.6] fault addr 0x15fa71000 [fault reason 0x39] SM: Present bit in Root Entry is clear", "80:1f.6", true, null, 0x15fa71000ul, 0x39)]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [3e:00.0] fault addr 0x7efef4f08000 [fault reason 0x79] SM: Read/Write permission error", "3e:00.0", true, null, 0x7efef4f08000ul, 0x79)]
    [InlineData(" DMAR: [DMA Read NO_PASID] Request device [00:0d.0] fault addr 0x1154e1000\n       [fault reason 0x5a]", "00:0d.0", false, null, 0x1154e1000ul, 0x5a)]
    [InlineData("DMAR: [DMA Read PASID 0x1] Request device [6a:01.0] fault addr 0x7f1000 [fault reason 0x71]", "6a:01.0", false, 1, 0x7f1000ul, 0x71)]
    [InlineData("DMAR: [DMA Write] Request device [02:00.0] PASID ffffffff fault addr ffdff000 [fault reason 05] PTE Write access is not set", "02:00.0", true, null, 0xffdff000ul, 0x05)]
    [InlineData("DMAR: [DMA Read] Request device [02:00.0] fault addr e0000000 [fault reason 12] non-zero reserved fields in PTE", "02:00.0", false, null, 0xe0000000ul, 0x0c)]
    [InlineData("DMAR: [DMA Read] Request device [6a:01.0] PASID 1f fault addr 7f1000 [fault reason 113] SM: First Level ..", "6a:01.0", false, 0x1f, 0x7f1000ul, 0x71)]
    [InlineData("DMAR: [DMA Read PASID 0xffffffff] Request device [6a:01.0] fault addr 0x7f1000 [fault reason 0x71]", "6a:01.0", false, null, 0x7f1000ul, 0x71)]
    public void Lines_of_both_generations_of_kernels_are_read(
        string text, string device, bool isWrite, int? pasid, ulong address, int reason)
    {
        Assert.True(DmarFaultLine.TryParse(text, out DmarFaultLine? line));
        Assert.Equal(
            (device, isWrite, pasid, address, reason),
            (line!.Device.ToString(), line.IsWrite, line.Pasid, line.Address, (int)line.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("DMAR: DRHD: handling fault status reg 3")]
    [InlineData("DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x8004 [fault reason 0x22]")]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [zz:1a.0] fault addr 0x0 [fault reason 0x05]")]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [00:20.0] fault addr 0x0 [fault reason 0x05]")]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x11112222333344445 [fault reason 0x05]")]
    [InlineData("DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason zz]")]
    [InlineData("DMAR: [DMA Read PASID 0x100000] Request device [6a:01.0] fault addr 0x7f1000 [fault reason 0x71]")]
    [InlineData("DMAR: [DMA Read] Request device [6a:01.0] PASID 80000001 fault addr 7f1000 [fault reason 05]")]
    public void Other_lines_are_not(string text) => Assert.False(DmarFaultLine.TryParse(text, out _));

    [Fact]
    public void Every_reason_but_none_is_explained()
    {
        foreach (VtdFaultReason reason in Enum.GetValues<VtdFaultReason>().Where(r => r != VtdFaultReason.None))
        {
            Assert.True(VtdFaultReasons.TryExplain(reason, out VtdFaultReasons.Explanation explanation), reason.ToString());
            Assert.NotEmpty(explanation.Meaning);
            Assert.NotEmpty(explanation.Hint);
        }

        Assert.False(VtdFaultReasons.TryExplain((VtdFaultReason)0xfe, out _));
    }
}

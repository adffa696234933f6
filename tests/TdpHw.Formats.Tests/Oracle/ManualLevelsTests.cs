namespace TdpHw.Formats.Tests.Oracle;

public sealed class ManualLevelsTests
{
    [Theory]
    [InlineData("ept", 1, 1)]
    [InlineData("amdv1", 6, 6)]
    [InlineData("riscv-sv39x4", 0, 1)]
    [InlineData("riscv-sv39x4", 2, 3)]
    [InlineData("riscv-sv57x4", 4, 5)]
    [InlineData("armv8-s2", 3, 1)]
    [InlineData("armv8-s2", 2, 2)]
    [InlineData("armv8-s2", 1, 3)]
    [InlineData("armv8-s2", 0, 4)]
    public void Levels_of_a_manual_become_levels_that_count_from_the_smallest_page(string format, int manual, int level) =>
        Assert.Equal(level, ManualLevels.LevelOf(format, manual));

    [Theory]
    [InlineData("riscv-sv39x4", 3)]
    [InlineData("armv8-s2", 4)]
    public void A_level_that_a_manual_lacks_is_refused(string format, int manual) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ManualLevels.LevelOf(format, manual));
}

using System.Reflection;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;
using CapabilityKind = TdpHw.Generators.Model.CapabilityKind;

namespace TdpHw.Mutation.Tests;

/// <summary>Mutants are judged by rules that are computed here: they must be the ones that generated code computes.</summary>
public sealed class SpecRulesTests
{
    public static TheoryData<string> FormatIds => [.. FormatRegistry.Formats.Select(format => format.Id)];

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Computed_rules_are_the_generated_ones_under_all_flags_and_widths(string formatId) =>
        Assert.True(FormatRegistry.TryVisit(formatId, new Comparison(World.Real.Format(formatId)), out int count) && count > 0);

    private sealed class Comparison(SpecFormat format) : IFormatVisitor<int>
    {
        private static readonly PropertyInfo[] Properties =
        [
            .. typeof(LevelRules).GetProperties().Where(
                p => p.Name is not (nameof(LevelRules.Leaf) or nameof(LevelRules.Illegal) or nameof(LevelRules.FurtherRights))),
        ];

        public int Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            int count = 0;
            CapabilitySpec[] flags = [.. format.Spec.Capabilities.Where(c => c.Kind == CapabilityKind.Flag)];
            CapabilitySpec[] widths = [.. format.Spec.Capabilities.Where(c => c.Kind != CapabilityKind.Flag)];
            for (int setting = 0; setting < 1 << flags.Length; setting++)
            {
                foreach (Func<CapabilitySpec, int?> bits in new Func<CapabilitySpec, int?>[]
                {
                    w => w.Kind == CapabilityKind.Width ? w.Minimum : null, w => w.Minimum, _ => 39, w => w.Maximum,
                })
                {
                    var values = new Dictionary<string, int>();
                    foreach (CapabilitySpec width in widths)
                    {
                        if (bits(width) is int value)
                        {
                            values.Add(width.Name, value);
                        }
                    }

                    for (int i = 0; i < flags.Length; i++)
                    {
                        values.Add(flags[i].Name, setting >> i & 1);
                    }

                    Compare<TFormat>(values);
                    count++;
                }
            }

            Compare<TFormat>([]);
            return count + 1;
        }

        private void Compare<TFormat>(Dictionary<string, int> values)
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            CapabilityValues capabilities = TFormat.Description.DefaultCapabilities;
            foreach ((string name, int value) in values)
            {
                capabilities = capabilities.With(name, value);
            }

            FormatRules<TFormat> generated = TFormat.RulesFor(capabilities);
            SpecRules computed = format.Resolve(values);
            Assert.Equal(generated.Walks, computed.Walks);
            Assert.Equal(generated.OutputBits, computed.OutputBits);
            Assert.Equal(generated.MaxLevel, computed.LevelCount);
            Assert.Equal(TFormat.IndexBits, computed.IndexBits);
            for (int level = 1; level <= computed.LevelCount; level++)
            {
                foreach (PropertyInfo property in Properties)
                {
                    Assert.Equal(property.GetValue(generated[level]), property.GetValue(computed[level]));
                }

                Assert.Equal(generated[level].FurtherRights.ToArray(), computed[level].FurtherRights.ToArray());
                Assert.Equal(generated[level].Leaf.ToArray(), computed[level].Leaf.ToArray());
                Assert.Equal(generated[level].Illegal.ToArray(), computed[level].Illegal.ToArray());
            }
        }
    }
}

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
    [Theory]
    [InlineData("ept")]
    [InlineData("vtd-ss")]
    public void Computed_rules_are_the_generated_ones_under_all_flags_and_widths(string formatId) =>
        Assert.True(FormatRegistry.TryVisit(formatId, new Comparison(World.Real.Format(formatId)), out int count) && count > 100);

    private sealed class Comparison(SpecFormat format) : IFormatVisitor<int>
    {
        private static readonly PropertyInfo[] Properties =
            [.. typeof(LevelRules).GetProperties().Where(p => p.Name is not (nameof(LevelRules.Leaf) or nameof(LevelRules.Illegal)))];

        public int Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            int count = 0;
            CapabilitySpec[] flags = [.. format.Spec.Capabilities.Where(c => c.Kind == CapabilityKind.Flag)];
            CapabilitySpec width = format.Spec.Capabilities.Single(c => c.Kind == CapabilityKind.Width);
            for (int setting = 0; setting < 1 << flags.Length; setting++)
            {
                foreach (int bits in new[] { width.Minimum, 39, width.Maximum })
                {
                    var values = new Dictionary<string, int> { [width.Name] = bits };
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

                Assert.Equal(generated[level].Leaf.ToArray(), computed[level].Leaf.ToArray());
                Assert.Equal(generated[level].Illegal.ToArray(), computed[level].Illegal.ToArray());
            }
        }
    }
}

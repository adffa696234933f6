using System.Reflection;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Lets one thread do what it does, and keeps which locks it took while it held which.</summary>
internal sealed class LockRecorder : Interleaving
{
    private readonly List<object> _held = [];
    private readonly HashSet<(object Outer, object Inner)> _nested = [];
    private readonly Dictionary<object, string> _names = new(ReferenceEqualityComparer.Instance);

    /// <summary>Which lock was taken while which was held, by the names of their owners' types and fields.</summary>
    public IReadOnlySet<(string Outer, string Inner)> Nested =>
        _nested.Select(n => (_names[n.Outer], _names[n.Inner])).ToHashSet();

    /// <summary>How many locks are held now.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Names the locks of an object.</summary>
    public void Name(object owner)
    {
        for (Type? type = owner.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(owner) is ExclusiveGate or SharedGate)
                {
                    // A property's field is called <Name>k__BackingField.
                    string name = field.Name.TrimStart('<').Split('>')[0];
                    _names[field.GetValue(owner)!] = $"{type.Name}.{name}";
                }
            }
        }
    }

    public override void Before(object target, long part, bool writes)
    {
        if (target is ExclusiveGate or SharedGate)
        {
            Assert.True(_held.Remove(target), "a lock is left that is not held");
        }
    }

    public override void BeforeWhen(object target, long part, bool writes, Func<bool> isPossible)
    {
        Assert.True(isPossible(), "one thread waits for itself");
        _nested.UnionWith(_held.Select(outer => (outer, target)));
        _held.Add(target);
    }

    public override void BeforeRetry() => Assert.Fail("nobody else changes anything");
}

using System.Reflection;
using System.Runtime.ExceptionServices;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>The generated struct of a register, with its fields found by name.</summary>
internal sealed class GeneratedRegister(RegisterDefinition definition)
{
    private readonly Type _type = typeof(FormatRegistry).Assembly.GetType($"TdpHw.Formats.{definition.Name}", throwOnError: true)!;

    /// <summary>The fields that can be given another value.</summary>
    public IEnumerable<string> Settable => _type
        .GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(method => method.Name.StartsWith("With", StringComparison.Ordinal) && method.ReturnType == _type)
        .Select(method => method.Name["With".Length..]);

    public Type TypeOf(string field) => _type.GetProperty(field)!.PropertyType;

    public object Create(ulong[] words) => Activator.CreateInstance(_type, [.. words])!;

    public ulong[] WordsOf(object register) => definition.WordCount == 1
        ? [(ulong)_type.GetProperty("Raw")!.GetValue(register)!]
        : [.. Enumerable.Range(0, definition.WordCount).Select(i => (ulong)_type.GetProperty($"Word{i}")!.GetValue(register)!)];

    public ulong Get(object register, string field) => _type.GetProperty(field)!.GetValue(register) switch
    {
        bool flag => flag ? 1ul : 0,
        HostPhysicalAddress address => address.Value,
        int number => checked((ulong)number),
        object other => (ulong)other,
        null => throw new InvalidOperationException($"{field} has no value."),
    };

    /// <summary>The register with a field at a value of the field's own type.</summary>
    public object With(object register, string field, object value)
    {
        try
        {
            return _type.GetMethod("With" + field)!.Invoke(register, [value])!;
        }
        catch (TargetInvocationException thrown)
        {
            ExceptionDispatchInfo.Throw(thrown.InnerException!);
            throw;
        }
    }

    /// <summary>A number in the field's own type.</summary>
    public object Typed(string field, ulong value)
    {
        Type type = TypeOf(field);
        return type == typeof(bool) ? value != 0
            : type == typeof(HostPhysicalAddress) ? new HostPhysicalAddress(value)
            : type == typeof(int) ? checked((int)value)
            : type.IsEnum ? Enum.ToObject(type, value)
            : value;
    }
}

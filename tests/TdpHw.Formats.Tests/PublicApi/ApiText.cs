using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats.Tests.PublicApi;

/// <summary>The public surface of an assembly as text: a line for each type and member, sorted.</summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        IEnumerable<string> lines = assembly.GetExportedTypes().SelectMany(Lines).Order(StringComparer.Ordinal);
        return string.Join('\n', lines) + "\n";
    }

    private static IEnumerable<string> Lines(Type type)
    {
        string name = NameOf(type);
        if (type.IsEnum)
        {
            yield return $"{name}: enum of {NameOf(Enum.GetUnderlyingType(type))}";
            foreach (FieldInfo member in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name}.{member.Name}: {member.GetRawConstantValue()}");
            }

            yield break;
        }

        IEnumerable<string> parents = (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            ? new[] { parent }
            : []).Concat(type.GetInterfaces()).Select(NameOf).Order(StringComparer.Ordinal);
        yield return $"{name}: {KindOf(type)} {string.Join(", ", parents)}".TrimEnd();
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
        {
            string value = field.IsLiteral
                ? string.Create(CultureInfo.InvariantCulture, $" = 0x{field.GetRawConstantValue():x}")
                : "";
            yield return $"{name}.{field.Name}: {Prefix(field.IsStatic)}{NameOf(field.FieldType)}{value}";
        }

        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            MethodInfo? getter = Visible(property.GetMethod);
            MethodInfo? setter = Visible(property.SetMethod);
            if ((getter ?? setter) is { } accessor)
            {
                bool isInit = setter?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
                string accessors = (getter is null ? "" : " get;") + (setter is null ? "" : isInit ? " init;" : " set;");
                string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
                yield return $"{name}.{property.Name}{Parameters(property.GetIndexParameters(), "[", "]")}: "
                    + $"{required}{Prefix(accessor.IsStatic)}{NameOf(property.PropertyType)} {{{accessors} }}";
            }
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(c => c.IsPublic || c.IsFamily))
        {
            yield return $"{name}.new{Parameters(constructor.GetParameters())}";
        }

        // What the compiler adds to records follows from their being records.
        foreach (MethodInfo method in type.GetMethods(Declared).Where(method =>
            Visible(method) != null
            && !method.IsDefined(typeof(CompilerGeneratedAttribute))
            && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            string generic = method.IsGenericMethod
                ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>"
                : "";
            string isAbstract = method.IsAbstract ? "abstract " : "";
            yield return $"{name}.{method.Name}{generic}{Parameters(method.GetParameters())}: "
                + $"{Prefix(method.IsStatic)}{isAbstract}{NameOf(method.ReturnType)}";
        }
    }

    private static MethodInfo? Visible(MethodInfo? method) => method is { IsPublic: true } or { IsFamily: true } ? method : null;

    private static string Prefix(bool isStatic) => isStatic ? "static " : "";

    private static string KindOf(Type type)
    {
        if (type.IsValueType)
        {
            bool isReadOnly = type.IsDefined(typeof(IsReadOnlyAttribute));
            return $"{(isReadOnly ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct";
        }

        return type.IsInterface ? "interface"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsSealed ? "sealed class"
            : type.IsAbstract ? "abstract class"
            : "class";
    }

    private static string Parameters(ParameterInfo[] parameters, string open = "(", string close = ")") =>
        parameters.Length == 0 && open == "["
            ? ""
            : open + string.Join(", ", parameters.Select(Parameter)) + close;

    private static string Parameter(ParameterInfo parameter)
    {
        string direction = !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string byDefault = parameter.HasDefaultValue
            ? string.Create(CultureInfo.InvariantCulture, $" = {parameter.RawDefaultValue ?? "default"}")
            : "";
        return $"{direction}{NameOf(parameter.ParameterType)} {parameter.Name}{byDefault}";
    }

    private static string NameOf(Type type)
    {
        if (type.IsByRef || type.IsArray)
        {
            return NameOf(type.GetElementType()!) + (type.IsArray ? "[]" : "");
        }

        string name = type.IsNested && !type.IsGenericParameter ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 || !type.IsGenericType
            ? name
            : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}

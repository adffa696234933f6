using System.Globalization;
using Microsoft.CodeAnalysis;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Diagnostics;

/// <summary>
/// Every diagnostic of the generator: 0xx form, 1xx values, 2xx bit accounting, 3xx across files, 901 internal. Each message
/// says what is wrong, where the limit lies and what to write instead. <c>hwdefs/README.md</c> explains them one by one.
/// </summary>
internal static class DiagnosticCatalog
{
    private const string Category = "TdpHw.HwDef";
    private const string HelpLink = "hwdefs/README.md#";

    public static readonly DiagnosticDescriptor MalformedYaml = Error(
        "TDPHW001",
        "The file is not well-formed YAML",
        "{0}");

    public static readonly DiagnosticDescriptor UnknownKey = Error(
        "TDPHW002",
        "Unknown key",
        "'{0}' is no key of {1}; {2}");

    public static readonly DiagnosticDescriptor MissingKey = Error(
        "TDPHW003",
        "A required key is missing",
        "{0} needs {1}");

    public static readonly DiagnosticDescriptor WrongShape = Error(
        "TDPHW004",
        "A value has the wrong shape",
        "'{0}' takes {1}, not {2}");

    public static readonly DiagnosticDescriptor UnsupportedYaml = Error(
        "TDPHW005",
        "A YAML feature that definitions do not use",
        "{0}; {1}");

    public static readonly DiagnosticDescriptor UnknownWord = Error(
        "TDPHW006",
        "A word that the key does not take",
        "'{0}' takes {1}, not '{2}'");

    public static readonly DiagnosticDescriptor NoDefinition = Error(
        "TDPHW007",
        "The file holds no definition",
        "The file is empty; a definition starts with 'hwdef: 1' and its kind");

    public static readonly DiagnosticDescriptor UnknownVersion = Error(
        "TDPHW008",
        "The definition is of an unknown version",
        "'hwdef: {0}' is not known here; this generator reads version 1");

    public static readonly DiagnosticDescriptor MalformedBits = Error(
        "TDPHW101",
        "Bits are not written as manuals do",
        "'{0}' names no bits; write '51:12', '7' or a list of them");

    public static readonly DiagnosticDescriptor BitOutside = Error(
        "TDPHW102",
        "A bit lies outside the word",
        "Bit {0} lies outside the {1}-bit {2}; its highest bit is {3}");

    public static readonly DiagnosticDescriptor ReversedRange = Error(
        "TDPHW103",
        "A range is reversed",
        "'{0}' is reversed; write '{1}'");

    public static readonly DiagnosticDescriptor UnknownCapability = Error(
        "TDPHW104",
        "A capability that is not declared",
        "Capability '{0}' is not declared; {1}");

    public static readonly DiagnosticDescriptor EnumTooWide = Error(
        "TDPHW105",
        "A named value does not fit its field",
        "Value {0} ({1}) of {2} needs more than the {3} bits of field '{4}'");

    public static readonly DiagnosticDescriptor UnknownLevel = Error(
        "TDPHW106",
        "A level that the format lacks",
        "Level {0} does not exist; the format has levels {1}");

    public static readonly DiagnosticDescriptor UnknownField = Error(
        "TDPHW107",
        "A condition names no field",
        "'{0}' is no field of {1}; {2}");

    public static readonly DiagnosticDescriptor ValueTooWide = Error(
        "TDPHW108",
        "A condition compares with a value that the field cannot hold",
        "Value {0} needs more than the {1} bits of field '{2}'");

    public static readonly DiagnosticDescriptor MalformedName = Error(
        "TDPHW109",
        "A name is not a name",
        "'{0}' can't be used as {1}; {2}");

    public static readonly DiagnosticDescriptor UnknownEnum = Error(
        "TDPHW110",
        "An enumeration that is not declared",
        "Enumeration '{0}' is not declared; {1}");

    public static readonly DiagnosticDescriptor NumberOutside = Error(
        "TDPHW111",
        "A number lies outside its bounds",
        "'{0}' takes {1}, not '{2}'");

    public static readonly DiagnosticDescriptor UnknownSource = Error(
        "TDPHW112",
        "A citation of an unknown source",
        "'{0}' cites no declared source; it must start with one of: {1}");

    public static readonly DiagnosticDescriptor TooManyRules = Error(
        "TDPHW113",
        "A level has too many rules",
        "Level {0} has {1} tests for '{2}'; at most {3} fit");

    public static readonly DiagnosticDescriptor DuplicateName = Error(
        "TDPHW114",
        "A name is used twice",
        "'{0}' is declared twice as {1}; the first one stands in line {2}");

    public static readonly DiagnosticDescriptor NoSource = Error(
        "TDPHW115",
        "A rule without source",
        "The definition has no 'cite' of its own, so this needs one: where does it stand?");

    public static readonly DiagnosticDescriptor FieldAcrossWords = Error(
        "TDPHW116",
        "A field of a register crosses a 64-bit word",
        "Bits {0} cross a 64-bit word; write one range for each word");

    public static readonly DiagnosticDescriptor TooManyCapabilities = Error(
        "TDPHW117",
        "There are too many capabilities",
        "{0} capabilities are declared; at most {1} fit, since the status of every bit is proved under every setting of them");

    public static readonly DiagnosticDescriptor BitOverlap = Error(
        "TDPHW201",
        "A bit has two statuses",
        "{0} of {1}: claimed by {2} and by {3}{4}; each bit has one status, narrow one of the two with levels, for, needs or unless");

    public static readonly DiagnosticDescriptor BitWithoutStatus = Error(
        "TDPHW202",
        "A bit has no status",
        "{0} of {1} no status{2}; add them to a field, to reserved, to res0 or to ignored");

    public static readonly DiagnosticDescriptor AddressGap = Error(
        "TDPHW203",
        "The address field can't hold an address",
        "Address bits {0} can't hold an address: {1}");

    public static readonly DiagnosticDescriptor SelectorInLeafOnly = Error(
        "TDPHW204",
        "A field that selects leaves is missing in tables",
        "Field '{0}' selects leaves at level {1} but is only declared for {2} entries; a selector is read before it is known what the entry is");

    public static readonly DiagnosticDescriptor NoLeafRule = Error(
        "TDPHW205",
        "No entry of the lowest level can be a leaf",
        "Level 1 has no leaf rule, so that nothing can be mapped there; add { levels: 1 } to leaf");

    public static readonly DiagnosticDescriptor PartOfBaseField = Error(
        "TDPHW206",
        "A part of a base's field is claimed",
        "{0} of {1}: only a part of field '{2}', which line {3} declares; claim all of the field or write one of that name, which takes its place");

    public static readonly DiagnosticDescriptor LeafNeverPresent = Error(
        "TDPHW207",
        "No present entry matches a leaf rule",
        "No entry that is present at level {0} matches this rule, whose '{1}' 'present' rules out; change one of the two or narrow this one with levels");

    public static readonly DiagnosticDescriptor RefusedLeafWithoutBit = Error(
        "TDPHW208",
        "A refused leaf may have no reserved bit",
        "A leaf at level {0} that this rule refuses may have none of the bits set that select it, so that no reserved bit refuses it; ask for one that is set or refuse the leaf with a rule of 'illegal'");

    public static readonly DiagnosticDescriptor OverlayBitNotIgnored = Error(
        "TDPHW301",
        "An overlay uses a bit that the format does not leave to software",
        "{0} of field '{1}' is not ignored in {2} of {3}{4}; software may only use ignored bits of present entries");

    public static readonly DiagnosticDescriptor OverlayBitNotIgnoredByImporter = Error(
        "TDPHW302",
        "An overlay uses a bit that an importer does not ignore",
        "{0} of field '{1}' is not ignored in {2} of importer {3}{4}; variant '{5}' can't be shared with it");

    public static readonly DiagnosticDescriptor StructOffset = Error(
        "TDPHW303",
        "A member's offset is not the one a C compiler gives",
        "Member '{0}' stands at offset {1}; a C compiler (LP64) puts it at {2}");

    public static readonly DiagnosticDescriptor StructSize = Error(
        "TDPHW304",
        "A struct's size is not the one a C compiler gives",
        "The struct has {0} bytes; a C compiler (LP64) makes it {1}");

    public static readonly DiagnosticDescriptor NameDefinedTwice = Error(
        "TDPHW305",
        "Two definitions share a name",
        "{0} '{1}' is also defined in {2}");

    public static readonly DiagnosticDescriptor UnknownDefinition = Error(
        "TDPHW306",
        "A reference to a definition that does not exist",
        "There is no {0} '{1}'; {2}");

    public static readonly DiagnosticDescriptor EncodingTranslates = Error(
        "TDPHW307",
        "A special encoding may translate",
        "Encoding '{0}' can be a well-formed entry of {1} (level {2}); it must be not present or refused there{3}");

    public static readonly DiagnosticDescriptor ExtendsItself = Error(
        "TDPHW308",
        "A definition extends itself",
        "{0} extends {1}; what is extended must end at a definition that stands by itself");

    public static readonly DiagnosticDescriptor InternalError = Error(
        "TDPHW901",
        "The generator failed",
        "The generator failed on this file, which is its own fault: {0}");

    /// <summary>All of them, by id.</summary>
    public static readonly IReadOnlyDictionary<string, DiagnosticDescriptor> ById = new[]
    {
        MalformedYaml,
        UnknownKey,
        MissingKey,
        WrongShape,
        UnsupportedYaml,
        UnknownWord,
        NoDefinition,
        UnknownVersion,
        MalformedBits,
        BitOutside,
        ReversedRange,
        UnknownCapability,
        EnumTooWide,
        UnknownLevel,
        UnknownField,
        ValueTooWide,
        MalformedName,
        UnknownEnum,
        NumberOutside,
        UnknownSource,
        TooManyRules,
        DuplicateName,
        NoSource,
        FieldAcrossWords,
        TooManyCapabilities,
        BitOverlap,
        BitWithoutStatus,
        AddressGap,
        SelectorInLeafOnly,
        NoLeafRule,
        PartOfBaseField,
        LeafNeverPresent,
        RefusedLeafWithoutBit,
        OverlayBitNotIgnored,
        OverlayBitNotIgnoredByImporter,
        StructOffset,
        StructSize,
        NameDefinedTwice,
        UnknownDefinition,
        EncodingTranslates,
        ExtendsItself,
        InternalError,
    }.ToDictionary(d => d.Id, StringComparer.Ordinal);

    /// <summary>
    /// What is wrong with a base's line in the definition that extends it, where it is told: it adds where the line stands.
    /// </summary>
    public static DiagnosticDescriptor OfBase(DiagnosticDescriptor descriptor, string message, Inheritance from) => Error(
        descriptor.Id,
        descriptor.Title.ToString(CultureInfo.InvariantCulture),
        $"{message} (by line {from.Line.ToString(CultureInfo.InvariantCulture)} of {from.File}, which this extends)");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpLink + id.ToLowerInvariant());
}

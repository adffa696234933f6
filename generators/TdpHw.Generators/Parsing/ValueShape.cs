namespace TdpHw.Generators.Parsing;

/// <summary>What the value of a key looks like.</summary>
internal abstract record ValueShape
{
    /// <summary>Free text.</summary>
    public static readonly ValueShape Text = new TextShape("text");

    /// <summary>A name.</summary>
    public static readonly ValueShape Name = new TextShape("a name");

    /// <summary>A whole number, decimal or 0x.</summary>
    public static readonly ValueShape Number = new TextShape("a whole number");

    /// <summary>true or false.</summary>
    public static readonly ValueShape Flag = new WordShape(["true", "false"]);

    /// <summary>Bits as manuals write them, or a list.</summary>
    public static readonly ValueShape Bits = new OneOrMoreShape(new TextShape("bits such as 51:12 or 7"));

    /// <summary>Bits, or the capability that says where a bit is.</summary>
    public static readonly ValueShape BitsOrName = new OneOrMoreShape(new TextShape("bits such as 51:12 or 7, or a capability"));

    /// <summary>A whole number, or the capability that says it.</summary>
    public static readonly ValueShape NumberOrName = new TextShape("a whole number or a capability");

    /// <summary>A number, a range <c>2..3</c>, or a list.</summary>
    public static readonly ValueShape Ranges = new OneOrMoreShape(new TextShape("a number or a range such as 2..3"));

    /// <summary>One name or a list.</summary>
    public static readonly ValueShape Names = new OneOrMoreShape(Name);

    /// <summary>Numbers, always as a list.</summary>
    public static readonly ValueShape NumberList = new ListShape(Number);

    /// <summary>One of the given words.</summary>
    public static ValueShape Word(params string[] words) => new WordShape(words);

    /// <summary>One or more of the given words.</summary>
    public static ValueShape Words(params string[] words) => new OneOrMoreShape(new WordShape(words));

    /// <summary>A list of maps.</summary>
    public static ValueShape ListOf(MapShape item) => new ListShape(item);

    /// <summary>How messages call it.</summary>
    public abstract string Label { get; }
}

namespace TdpHw.Memory;

/// <summary>What kind of value a parameter of an image has.</summary>
public enum ImageParameterKind
{
    /// <summary>JSON's null: the hardware does without it.</summary>
    Null,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number from 0 to 2⁶⁴-1, written as such or as a string: decimal or <c>0x</c> and hexadecimal digits.</summary>
    Number,

    /// <summary>Anything else. It informs a reader; where a number is wanted it is an error.</summary>
    Text,
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace TdpHw.Cli.Output;

/// <summary>JSON as all answers write it.</summary>
internal static class JsonText
{
    /// <summary>A writer of JSON on a line of its own, or indented for a document that stands alone.</summary>
    public static Utf8JsonWriter CreateWriter(Utf8Output output, bool isIndented = false) =>
        new(output, new JsonWriterOptions
        {
            Indented = isIndented,
            NewLine = "\n",

            // Answers are read by programs and people, never put into a web page as they are.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

    /// <summary>Writes answers as one indented document: one is the document itself, several are a list in it.</summary>
    public static void WriteDocument<T>(Utf8Output output, T[] answers, Action<Utf8JsonWriter, T> write)
    {
        using (Utf8JsonWriter json = CreateWriter(output, isIndented: true))
        {
            if (answers.Length == 1)
            {
                write(json, answers[0]);
            }
            else
            {
                json.WriteStartArray();
                foreach (T answer in answers)
                {
                    write(json, answer);
                }

                json.WriteEndArray();
            }
        }

        output.WriteLine();
    }

    /// <summary>A property with a number in hexadecimal, as a string: JSON's own numbers lose bits above 53.</summary>
    public static void WriteHex(this Utf8JsonWriter json, string name, ulong value)
    {
        Span<byte> space = stackalloc byte[Utf8Output.HexCapacity];
        json.WriteString(name, space[..Utf8Output.FormatHex(value, space)]);
    }

    /// <summary>A property with a number, or null.</summary>
    public static void WriteNumber(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is int number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>A property with a number in hexadecimal, or null.</summary>
    public static void WriteHex(this Utf8JsonWriter json, string name, ulong? value)
    {
        if (value is ulong number)
        {
            json.WriteHex(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}

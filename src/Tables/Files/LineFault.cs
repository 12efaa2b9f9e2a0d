using System.Text.Json;

namespace LmmRec.Tables.Files;

/// <summary>Why a line cannot be used, in the words of whoever reads such lines.</summary>
public static class LineFault
{
    public static string TooLong { get; } = $"is longer than {TableReader.MaxRow} bytes, the most allowed";

    /// <summary>What reading a line of JSON ran into; null: nothing that is the line's fault.</summary>
    public static string? Of(Exception e) => e switch
    {
        JsonException => $"is no JSON: {e.Message}",
        FormatException => e.Message, // of a record, by whoever reads it
        // The syntax is right, but the text is no valid UTF-8, or \ud800 stands alone.
        InvalidOperationException => "holds text that is no valid UTF-8, or an escape that is half a character",
        _ => null,
    };
}

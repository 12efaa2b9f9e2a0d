using System.Text.Json;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest.Tables;

/// <summary>The values of a list that stands in one cell of text: in brackets as JSON or Python write it, or parted by a separator.</summary>
internal static class CellList
{
    /// <summary>The values without surrounding blanks; empty ones are left out. Of a list of lists the first counts.</summary>
    /// <param name="text">the cell</param>
    /// <param name="separator">null: a cell without brackets is one value</param>
    public static IEnumerable<string> Split(string text, string? separator)
    {
        IEnumerable<string> values = text.StartsWith('[') && Bracketed(text) is { } list ? list : separator is null ? [text] : text.Split(separator);
        return values.Select(value => value.Trim()).Where(value => value.Length > 0);
    }

    private static List<string>? Bracketed(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var list = json.RootElement;
            if (list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.Array) list = list[0];
            return [.. list.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.Null).Select(value => value.ToString())];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return PythonLiteral.TryParse(text, out var value, out _) && value is List<object?> list
                ? [.. (list is [List<object?> first, ..] ? first : list).OfType<string>()]
                : null;
        }
    }
}

using System.Text.Json;
using LmmRec.Tables.Files;

namespace LmmRec.Tables;

/// <summary>The columns that a file of JSON lines has, by its first rows.</summary>
public static class JsonNames
{
    private const int Rows = 1000;

    /// <summary>The fields in the order of their first appearance; those within others by their names with dots between, so that a name with a dot of its own cannot be wanted.</summary>
    public static IReadOnlyList<string> Of(InputFile file)
    {
        var names = new List<string>();
        using var stream = PackedFile.Open(file.Path);
        var lines = new Utf8Lines(stream, TableReader.MaxRow);
        while (lines.Number < Rows && lines.TryRead(out var line))
        {
            var json = new Utf8JsonReader(line);
            try
            {
                if (JsonDocument.TryParseValue(ref json, out var row))
                    using (row) Walk(row.RootElement, "", names);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Reading the row will say what is wrong with it.
            }
        }
        return [.. names.Distinct()];
    }

    private static void Walk(JsonElement value, string path, List<string> names)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in value.EnumerateObject().Where(field => !field.Name.Contains('.', StringComparison.Ordinal))) Walk(field.Value, path.Length == 0 ? field.Name : $"{path}.{field.Name}", names);
                break;
            case JsonValueKind.Array when value.EnumerateArray().Any(element => element.ValueKind == JsonValueKind.Object):
                foreach (var element in value.EnumerateArray()) Walk(element, path, names);
                break;
            default:
                if (path.Length > 0) names.Add(path);
                break;
        }
    }
}

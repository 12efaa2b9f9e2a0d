using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;

namespace LmmRec.Encoders.Folders;

/// <summary>A JSON file of a folder, or an object in one. A field that is absent and one that is null mean the same; messages name file and field.</summary>
/// <param name="File">the file's name in the folder, and the fields that lead to the object</param>
/// <param name="Fields">what it holds; null: the file is not there</param>
internal sealed record Settings(string File, JsonObject? Fields)
{
    /// <summary>JSON as people read it: signs such as &lt; as they are.</summary>
    public static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions OneLine = new(Readable) { WriteIndented = false };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether there is such a file or object.</summary>
    public bool Exists => Fields is not null;

    public JsonNode? this[string field] => Fields?[field];

    /// <summary>Reads the file <paramref name="name"/> of a folder, which lies at <paramref name="path"/>; null: the folder has none.</summary>
    /// <exception cref="InvalidInputException">It is no JSON object.</exception>
    public static Settings Read(string name, string? path) => new(name, path is null ? null : Parse(name, path) as JsonObject ?? throw new InvalidInputException($"{name}: is no JSON object"));

    /// <summary>The JSON in <paramref name="path"/>, which messages call <paramref name="name"/>.</summary>
    /// <exception cref="InvalidInputException">It is no JSON.</exception>
    public static JsonNode? Parse(string name, string path)
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(path), documentOptions: Strict);
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{name}: is no valid JSON: {e.Message}", e);
        }
    }

    /// <summary>What a value in the field <paramref name="field"/> comes from.</summary>
    public string Origin(string field) => $"{File}, {field}";

    /// <summary>The object in <paramref name="field"/>; an absent one has no fields.</summary>
    public Settings Inner(string field) => new(Origin(field), this[field] switch
    {
        null => null,
        JsonObject inner => inner,
        _ => throw Wrong(field, "is no object"),
    });

    public string? Text(string field) => this[field] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Wrong(field, "is no text"),
    };

    public bool? Flag(string field) => this[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => throw Wrong(field, "is neither true nor false"),
    };

    public double? Number(string field) => this[field] is { } node ? NumberIn(node) ?? throw Wrong(field, "is no number") : null;

    /// <summary>A whole number above 0 that is no size of anything imaginable where it exceeds an int.</summary>
    public int? Count(string field) => this[field] is { } node ? CountIn(node) ?? throw Wrong(field, $"is no whole number from 1 to {int.MaxValue}") : null;

    /// <summary>Numbers: a list, or one that stands for <paramref name="count"/> equal ones.</summary>
    public IReadOnlyList<double>? Numbers(string field, int count) => this[field] switch
    {
        null => null,
        JsonArray list when list.Count == count && list.Select(NumberIn).ToList() is var numbers && !numbers.Contains(null) => [.. numbers.OfType<double>()],
        JsonValue value when NumberIn(value) is { } number => [.. Enumerable.Repeat(number, count)],
        _ => throw Wrong(field, $"is not {count} numbers"),
    };

    /// <summary>A fault of a field: file, field, value, and what is wrong.</summary>
    public InvalidInputException Wrong(string field, string what) => new($"{File}: {field} {this[field]?.ToJsonString(OneLine) ?? "null"} {what}");

    public static int? CountIn(JsonNode? node) => NumberIn(node) is { } number and >= 1 and <= int.MaxValue && number == Math.Floor(number) ? (int)number : null;

    private static double? NumberIn(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>Writes a guess as a commented configuration.</summary>
internal static class DraftText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ShopGuess guess, ShopRequest request)
    {
        var visual = guess.Images is not null || guess.Items?.Of(Roles.Image) is not null;
        var textual = guess.Items is { } items && new[] { Roles.Title, Roles.Brand, Roles.Categories, Roles.Description }.Any(role => items.Of(role) is not null);
        var modality = visual && textual ? "vt" : visual ? "v" : textual ? "t" : null;
        string[] sections = [Dataset(guess, request), Ingest, .. modality is null ? [] : new[] { Encoders }, Train(modality), Evaluate];
        return $"{Heading}\n{{\n{string.Join(",\n\n", sections)}\n}}\n";
    }

    private const string Heading = "// Drafted by 'lmmrec init' from the first rows of the files; docs/configuration.md of lmmrec explains every key. Files are named from the folder on that --data names.";

    private const string Ingest = """
          // Users and items with fewer interactions are left out: a small shop needs a lower number. The others are parted 8:1:1 per user.
          "ingest": { "core": 5 }
        """;

    private const string Encoders = """
          // This encoder's weights are drawn from a seed: it shows that all runs, and tells shapes and colours apart. One that has learnt:
          // 'lmmrec models import clip-vit-b16', then "card": "onnx-models/clip-vit-b16".
          "encoders": [{ "name": "clip-small", "card": "onnx-models/clip-small" }]
        """;

    private const string Evaluate = """
          "evaluate": { "cutoffs": [10, 20] }
        """;

    private static string Dataset(ShopGuess guess, ShopRequest request)
    {
        List<string> lines = ["\"source\": \"table\"", $"\"name\": {Json(NameOf(request.Interactions))}"];
        if (guess.Items is { } items)
            lines.Add(Table("items", request.Items!, items, request, [Roles.Id, Roles.Title, Roles.Brand, Roles.Categories, Roles.Description, Roles.Image], guess.Images));
        lines.Add(Table("interactions", request.Interactions, guess.Interactions, request, [Roles.User, Roles.Item, Roles.Rating, Roles.Time, Roles.Event], images: null));
        return $"  \"dataset\": {{\n    {string.Join(",\n    ", lines)}\n  }}";
    }

    private static string Table(string key, string files, ColumnGuess guess, ShopRequest request, Role[] roles, string? images)
    {
        List<string> lines = [$"\"files\": {Json(request.Within(files))}"];
        if (!guess.Sample.Options.Header) lines.Add("\"header\": false");
        lines.Add($"{Events(guess)}\"columns\": {{ {Columns(guess, roles)} }}");
        if (images is not null) lines.Add($"\"images\": {Json(images)}");
        return $"\"{key}\": {{\n      {string.Join(",\n      ", lines)}\n    }}";
    }

    private static string Train(string? modality) => $$"""
          "train": {
            "recommenders": [{{(modality is null ? "\"bpr\", \"lightgcn\"" : "\"bpr\", \"lightgcn\", \"vbpr\"")}}],{{(modality is null ? "" : $"\n    \"modalities\": [\"{modality}\"],")}}
            "epochs": 200,
            "evaluateEvery": 2
          }
        """;

    private static string Events(ColumnGuess guess)
    {
        if (guess.Of(Roles.Event) is not { } column) return "";
        var kinds = column.Distinct.Order(StringComparer.Ordinal).Select(Json).ToList();
        return $"// All events count. To count one kind alone: \"event\": [{kinds[0]}]; there are: {string.Join(", ", kinds)}.\n      ";
    }

    private static string Columns(ColumnGuess guess, Role[] roles) => string.Join(", ", roles.Where(role => guess.Found.ContainsKey(role.Key)).Select(role =>
        guess.Found[role.Key] is [var only] ? $"\"{role.Key}\": {Json(only.Name)}" : $"\"{role.Key}\": [{string.Join(", ", guess.Found[role.Key].Select(c => Json(c.Name)))}]"));

    private static string Json(string text) => JsonSerializer.Serialize(text, Readable);

    private static string NameOf(string path)
    {
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
        var name = string.Concat(folder.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).Trim('.', '-');
        return name.Length > 0 ? name : "shop";
    }
}

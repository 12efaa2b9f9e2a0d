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
        return $$"""
            // Drafted by 'lmmrec init' from the first rows of the files; every key is in the README. Names of files go on from the folder that --data names.
            {
              "dataset": {
                "source": "table",
                "name": "{{NameOf(request.Interactions)}}",
            {{(guess.Items is null ? "" : Items(guess, request))}}{{Interactions(guess, request)}}
              },

              // Users and items with fewer interactions are left out; the others are parted 8:1:1 per user.
              "ingest": { "core": 5 },

            {{(visual || textual ? Encoders() : "")}}  "train": {
                "recommenders": {{(visual || textual ? """["bpr", "lightgcn", "vbpr"]""" : """["bpr", "lightgcn"]""")}},
            {{(visual || textual ? $"""    "modalities": ["{(visual && textual ? "vt" : visual ? "v" : "t")}"],""" + "\n" : "")}}    "epochs": 200,
                "evaluateEvery": 2
              },

              "evaluate": { "cutoffs": [10, 20] }
            }

            """;
    }

    private static string Items(ShopGuess guess, ShopRequest request) =>
        $$"""
              // Ids are text and stay what they are. The texts are what encoders read of an item.
              "items": {
                "files": {{Json(request.Within(request.Items!))}},{{Form(guess.Items!)}}
                "columns": { {{Columns(guess.Items!, [Roles.Id, Roles.Title, Roles.Brand, Roles.Categories, Roles.Description, Roles.Image])}} }{{(guess.Images is null ? "" : ",")}}
          {{(guess.Images is null ? "" : $"      \"images\": {Json(guess.Images)}\n")}}    },

          """.Replace("\n\n    }", "\n    }", StringComparison.Ordinal);

    private static string Interactions(ShopGuess guess, ShopRequest request)
    {
        var events = guess.Interactions.Of(Roles.Event) is { } column ? $"\n      // Counts all of them. To count one kind alone: \"event\": [{Json(column.Distinct.Order(StringComparer.Ordinal).First())}]; there are: "
            + string.Join(", ", column.Distinct.Order(StringComparer.Ordinal).Select(Json)) + "." : "";
        return $$"""
                "interactions": {
                  "files": {{Json(request.Within(request.Interactions))}},{{Form(guess.Interactions)}}{{events}}
                  "columns": { {{Columns(guess.Interactions, [Roles.User, Roles.Item, Roles.Rating, Roles.Time, Roles.Event])}} }
                }
            """;
    }

    private static string Encoders() => """
          // This encoder's weights are drawn from a seed: it shows that all runs, and tells shapes and colours apart. One that has learnt:
          // 'lmmrec models import clip-vit-b16', then "card": "onnx-models/clip-vit-b16".
          "encoders": [{ "name": "clip-small", "card": "onnx-models/clip-small" }],


        """;

    private static string Form(ColumnGuess guess) => guess.Sample.Options.Header ? "" : "\n      \"header\": false,";

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

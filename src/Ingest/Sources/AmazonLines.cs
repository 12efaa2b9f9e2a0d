using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LmmRec.Ingest.Sources;

/// <summary>The fields of a review that matter (spec 1.1).</summary>
internal readonly record struct AmazonReview(string User, string Item, double? Rating, DateTime Time);

/// <summary>Reads single lines of Amazon's 2014 files; a line that cannot be used gives the reason.</summary>
internal static class AmazonLines
{
    /// <summary>A review: strict JSON with reviewerID, asin, unixReviewTime in seconds, and overall if it is there.</summary>
    public static bool TryReadReview(string line, out AmazonReview review, [NotNullWhen(false)] out string? fault)
    {
        review = default;
        try
        {
            using var json = JsonDocument.Parse(line);
            fault = Read(json.RootElement, out review);
        }
        catch (JsonException e)
        {
            fault = $"is no JSON: {e.Message}";
        }
        catch (InvalidOperationException) // from GetString: the syntax is right, but \ud800 alone is no character
        {
            fault = "holds an escape that is half a character (a surrogate without its pair)";
        }
        return fault is null;
    }

    /// <summary>A product: a Python dictionary literal with at least an asin.</summary>
    public static bool TryReadMetadata(
        string line, [NotNullWhen(true)] out string? asin, [NotNullWhen(true)] out ItemRecord? record, [NotNullWhen(false)] out string? fault)
    {
        (asin, record) = (null, null);
        if (!PythonLiteral.TryParse(line, out var value, out fault)) return false;
        var fields = value as Dictionary<string, object?>;
        fault = fields is null ? "is no dictionary" : FaultOf(fields);
        if (fault is not null) return false;

        asin = (string)fields!["asin"]!;
        var paths = (List<object?>?)fields.GetValueOrDefault("categories") ?? [];
        var image = fields.GetValueOrDefault("imUrl") as string;
        record = new ItemRecord(
            fields.GetValueOrDefault("title") as string, fields.GetValueOrDefault("brand") as string,
            paths is [List<object?> main, ..] ? [.. main.Cast<string>()] : [], // one list per path, the first is the main one
            fields.GetValueOrDefault("description") as string, string.IsNullOrEmpty(image) ? [] : [image]);
        return true;
    }

    private static string? FaultOf(Dictionary<string, object?> fields)
    {
        if (fields.GetValueOrDefault("asin") is not string { Length: > 0 } asin) return "asin is missing or no text";
        foreach (var name in new[] { "title", "brand", "description", "imUrl" })
            if (fields.GetValueOrDefault(name) is not (null or string)) return $"{name} is no text (asin {asin})";
        return fields.GetValueOrDefault("categories") switch
        {
            null => null,
            List<object?> paths when paths.All(p => p is List<object?> path && path.All(c => c is string)) => null,
            _ => $"categories are no lists of texts (asin {asin})",
        };
    }

    private static string? Read(JsonElement json, out AmazonReview review)
    {
        review = default;
        if (json.ValueKind != JsonValueKind.Object) return "is no JSON object";
        if (Text(json, "reviewerID") is not { Length: > 0 } user) return "reviewerID is missing or no text";
        if (Text(json, "asin") is not { Length: > 0 } item) return "asin is missing or no text";
        if (!json.TryGetProperty("unixReviewTime", out var time) || time.ValueKind != JsonValueKind.Number || !time.TryGetInt64(out var seconds)
            || seconds is < 0 or > int.MaxValue)
            return "unixReviewTime is missing or not seconds since 1970";
        double? rating = json.TryGetProperty("overall", out var overall) && overall.ValueKind == JsonValueKind.Number ? overall.GetDouble() : null;
        review = new AmazonReview(user, item, rating, DateTime.UnixEpoch.AddSeconds(seconds));
        return null;
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

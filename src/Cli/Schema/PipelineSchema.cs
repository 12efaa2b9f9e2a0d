using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Configuration;
using LmmRec.Train.Recommenders;

namespace LmmRec.Cli.Schema;

/// <summary>The JSON Schema of <c>pipeline.json</c>, by which editors complete and check it; made from the options' types.</summary>
internal static class PipelineSchema
{
    /// <summary>The key by which a configuration names its schema.</summary>
    public const string Key = "$schema";

    /// <summary>The file that commands write beside a configuration, which names it.</summary>
    public const string FileName = "pipeline.schema.json";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The schema's text.</summary>
    public static string Text()
    {
        var documentation = new SourceDocumentation();
        var options = ConfigurationSchema.Of(typeof(PipelineConfiguration), documentation.Of);
        var keys = (JsonObject)options["properties"]!;
        keys.Insert(0, Key, new JsonObject { ["description"] = "Where this schema lies, for editors.", ["type"] = "string" });

        // What data sets share stands in the section of the whole, and the rest in their own, so that neither need be complete.
        foreach (var section in new[] { "dataset", "ingest" })
        {
            ForgetRequired(keys[section]!);
            At(keys, "experiment", "datasets").AsObject()["items"]!["properties"]![section] = new JsonObject { ["$ref"] = $"#/properties/{section}" };
        }

        var recommenders = new JsonArray([.. Recommender.All.Keys.Select(name => (JsonNode)name)]);
        At(keys, "train", "recommenders")["items"] = new JsonObject { ["enum"] = recommenders };
        var hyperParameters = At(keys, "train", "options").AsObject();
        hyperParameters["properties"] = new JsonObject(Recommender.All.Select(recommender => KeyValuePair.Create<string, JsonNode?>(recommender.Key, Grid(recommender.Value))));
        hyperParameters["additionalProperties"] = false;

        return new JsonObject([
            new("$schema", "https://json-schema.org/draft/2020-12/schema"),
            new("title", "A configuration of lmmrec"),
            new("allowComments", true), // as files of ours have them; editors would mark them in a .json file
            new("allowTrailingCommas", true),
            .. options.Select(part => KeyValuePair.Create(part.Key, part.Value?.DeepClone())),
        ]).ToJsonString(Readable) + "\n";

        // Each hyper-parameter is a value, or a list of values to choose from.
        JsonObject Grid(Recommender recommender)
        {
            var schema = ConfigurationSchema.Of(recommender.OptionsType, documentation.Of);
            var parameters = (JsonObject)schema["properties"]!;
            foreach (var (name, parameter) in parameters.ToList()) parameters[name] = ConfigurationSchema.OneOrMore((JsonObject)parameter!);
            return schema;
        }
    }

    private static JsonNode At(JsonObject keys, string section, string key) => keys[section]!["properties"]![key]!;

    private static void ForgetRequired(JsonNode? schema)
    {
        if (schema is not JsonObject parts) return;
        parts.Remove("required");
        foreach (var part in parts.Where(part => part.Key is "properties").SelectMany(part => (JsonObject)part.Value!)) ForgetRequired(part.Value);
    }
}

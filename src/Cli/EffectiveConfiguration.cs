using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Store;
using LmmRec.Cli.Schema;
using LmmRec.Ingest;
using LmmRec.Train.Recommenders;

namespace LmmRec.Cli;

/// <summary>
/// The configuration that a command runs with. The user's file names only what differs: for the sample shop it extends the embedded
/// <c>pipeline.json</c>; for other data, whose encoders and sizes are other ones, it extends the defaults of the options alone.
/// </summary>
/// <param name="Options">its values</param>
/// <param name="Layers">where each came from</param>
/// <param name="Unused">keys that have no effect beside the others, and why</param>
/// <param name="Warnings">what of the file is not used, a line each</param>
/// <param name="File">the user's file; null: there is none</param>
internal sealed record EffectiveConfiguration(
    PipelineConfiguration Options, ConfigurationLayers Layers, IReadOnlyList<(string Key, string Why)> Unused, IReadOnlyList<string> Warnings, string? File)
{
    /// <summary>The file that is read when no other is named; the one in the repository's root is also the one that is embedded.</summary>
    public const string DefaultFile = "pipeline.json";

    private const int MostBytes = 1 << 24;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Without encoders nothing gives vbpr, a default of the options, the features that it needs.
    private const string WithoutEncoders = """{ "train": { "recommenders": ["bpr"] } }""";

    /// <summary>Whether the sample shop is what it runs on.</summary>
    public bool IsSample => Options.Datasets.All(dataset => dataset.Dataset.Source == DatasetSource.Sample);

    /// <summary>Puts a configuration together.</summary>
    /// <param name="file">its path; null: <see cref="DefaultFile"/> where there is one, else none</param>
    /// <param name="workspace">what <c>--workspace</c> says, if it was given</param>
    /// <param name="overrides">dotted <c>key=value</c></param>
    /// <param name="device">where the command runs graphs; null: it runs none</param>
    /// <param name="tuned">the encoder that the command tunes, whatever its paradigms; null: it tunes what they say</param>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static EffectiveConfiguration Load(string? file, string? workspace, IReadOnlyList<string> overrides, string? device = null, string? tuned = null)
    {
        file ??= System.IO.File.Exists(DefaultFile) ? DefaultFile : null;
        var own = file is null ? [] : Read(file);
        var given = Stack([]); // what it extends depends on what the user gave
        var layers = Stack(SourcesOf(given).All(source => source is null or "sample") ? Embedded() : given.Json["encoders"] is JsonArray { Count: > 0 } ? [] : ConfigurationFile.Parse(WithoutEncoders, ""));
        return Bind(layers, file, device, tuned);

        ConfigurationLayers Stack(JsonObject basis)
        {
            var stack = new ConfigurationLayers();
            stack.Add(basis, Origin.Base);
            stack.Add(own, Origin.File);
            if (workspace is not null) stack.Override("workspace", workspace);
            foreach (var text in overrides) stack.Override(text);
            stack.Share("experiment.datasets", "dataset", "ingest");
            return stack;
        }
    }

    /// <summary>The configuration that has all values in <paramref name="values"/>, as <see cref="Values"/> gave them.</summary>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static EffectiveConfiguration Of(JsonObject values, string? file, string workspace, string? device, string? tuned)
    {
        var layers = new ConfigurationLayers();
        layers.Add(values, Origin.Base);
        layers.Override("workspace", workspace);
        return Bind(layers, file, device, tuned);
    }

    /// <summary>What the user's file says, as far as it is one; null: there is none.</summary>
    public static JsonObject? OwnOf(string? file) => (file ?? DefaultFile) is var path && System.IO.File.Exists(path) ? Read(path) : null;

    private static EffectiveConfiguration Bind(ConfigurationLayers layers, string? file, string? device, string? tuned)
    {
        var (options, unused, warnings) = layers.Bind<PipelineConfiguration>(IsTuned, device == "cpu" ? [("cuda", "only a card computes so, and --device is cpu")] : []);
        return new EffectiveConfiguration(options, layers, unused, warnings, file);

        bool IsTuned(string key) => tuned is not null && layers.Json["encoders"] is JsonArray encoders
            && encoders.Index().Any(encoder => key == $"encoders.{encoder.Index}.tune" && (encoder.Item as JsonObject)?["name"]?.ToString() == tuned);
    }

    /// <summary>Whether the dotted key has no effect beside the others.</summary>
    public bool IsUnused(string key) => Unused.Any(unused => key == unused.Key || key.StartsWith(unused.Key + '.', StringComparison.Ordinal));

    /// <summary>All values, also those that nobody gave: a configuration that means the same.</summary>
    public JsonObject Values()
    {
        var json = ConfigurationBinder.ToJson(Options);
        json["train"]!["options"] = HyperParameters(Options.Train);
        return json;
    }

    // Each recommender that is trained with all its hyper-parameters; the others with what was given.
    private static JsonObject HyperParameters(Train.TrainOptions train)
    {
        var all = (JsonObject)train.Options.DeepClone();
        foreach (var name in train.Recommenders)
        {
            var values = ConfigurationBinder.ToJson(Activator.CreateInstance(Recommender.All[name].OptionsType)!);
            foreach (var (key, value) in all[name] as JsonObject ?? []) values[key] = value?.DeepClone();
            all[name] = values;
        }
        return all;
    }

    private static IEnumerable<string?> SourcesOf(ConfigurationLayers layers)
    {
        IEnumerable<JsonNode?> datasets = (layers.Json["experiment"] as JsonObject)?["datasets"] is JsonArray { Count: > 0 } several ? several : [layers.Json];
        return datasets.Select(dataset => ((dataset as JsonObject)?["dataset"] as JsonObject)?["source"]?.ToString());
    }

    private static JsonObject Embedded()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(DefaultFile)!;
        return Parse(new StreamReader(stream).ReadToEnd(), $"embedded {DefaultFile}");
    }

    // What a file says to editors is no option.
    private static JsonObject Parse(string text, string name)
    {
        var json = ConfigurationFile.Parse(text, name);
        json.Remove(PipelineSchema.Key);
        return json;
    }

    private static JsonObject Read(string file)
    {
        if (Directory.Exists(file)) throw new ConfigurationException([$"--config {file}: is a folder; name a file in it"]);
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MostBytes } large)
                throw new ConfigurationException([$"--config {file}: has {large.Length} bytes; a configuration has no more than {MostBytes}"]);
            var text = System.IO.File.ReadAllText(file, Utf8);
            return StandIn.Of(Utf8.GetBytes(text)) is { } what ? throw new ConfigurationException([$"--config {file}: {what}"]) : Parse(text, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"--config {file}: cannot be read: {e.Message}"]);
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigurationException([$"--config {file}: is not in UTF-8"]);
        }
    }
}

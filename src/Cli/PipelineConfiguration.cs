using System.Reflection;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Evaluate;
using LmmRec.Featurize;
using LmmRec.Ingest;
using LmmRec.Train;

namespace LmmRec.Cli;

/// <summary>A whole <c>pipeline.json</c>.</summary>
public sealed record PipelineConfiguration : IChecked
{
    /// <summary>The file that is read when no other is named; the one in the repository's root is also the embedded default.</summary>
    public const string DefaultFile = "pipeline.json";

    public DatasetOptions Dataset { get; init; } = new();

    public IngestOptions Ingest { get; init; } = new();

    public IReadOnlyList<EncoderOptions> Encoders { get; init; } = [];

    public TrainOptions Train { get; init; } = new();

    public EvaluateOptions Evaluate { get; init; } = new();

    /// <summary>Folder of the artifacts; default <c>artifacts</c>; <c>--workspace</c> overrides it.</summary>
    public string Workspace { get; init; } = "artifacts";

    /// <summary>Reads a configuration and applies overrides.</summary>
    /// <param name="file">its path; null: <see cref="DefaultFile"/> where there is one, else the embedded default</param>
    /// <param name="overrides">dotted <c>key=value</c></param>
    /// <exception cref="ConfigurationException">With all faults.</exception>
    public static PipelineConfiguration Load(string? file, IReadOnlyList<string> overrides)
    {
        var json = Read(file);
        var faults = overrides.Select(text => ConfigurationFile.Override(json, text)).OfType<string>().ToList();
        return ConfigurationBinder.Bind<PipelineConfiguration>(json, faults);
    }

    public IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var name in Encoders.GroupBy(e => e.Name).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return ("encoders", $"two encoders are called '{name}'; names must differ");
        if (Workspace.Length == 0 || Workspace.Contains('\0', StringComparison.Ordinal)) yield return ("workspace", "must name a folder");
        foreach (var fault in IngestStage.Faults(Dataset, Ingest)) yield return fault;
    }

    private static JsonObject Read(string? file)
    {
        if (file is null && !File.Exists(DefaultFile))
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(DefaultFile)!;
            return ConfigurationFile.Parse(new StreamReader(stream).ReadToEnd(), $"embedded {DefaultFile}");
        }
        file ??= DefaultFile;
        try
        {
            return ConfigurationFile.Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"--config {file}: cannot be read: {e.Message}"]);
        }
    }
}

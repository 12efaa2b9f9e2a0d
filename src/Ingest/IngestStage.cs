using System.Net;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Matrices;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;

namespace LmmRec.Ingest;

/// <summary>How to open the embedded sample shop, which ingest knows only as a server of Amazon's 2014 files.</summary>
/// <param name="Category">the category in its files' names</param>
/// <param name="Version">part of the fingerprint: another version of the shop sells other things</param>
/// <param name="OpenAsync">opens the shop of a seed</param>
public sealed record EmbeddedShop(string Category, int Version, Func<int, CancellationToken, Task<OpenShop>> OpenAsync);

/// <summary>A shop that is open.</summary>
/// <param name="Endpoint">where it listens</param>
/// <param name="Owner">closes it when disposed</param>
public sealed record OpenShop(IPEndPoint Endpoint, IAsyncDisposable Owner);

/// <summary>
/// The first stage: reads a data set, filters and splits its interactions, fetches its pictures. Writes the tables items, users, interactions,
/// images-00000 …, pictures, matrix-&lt;name&gt; per feature matrix, and failures.
/// </summary>
public static class IngestStage
{
    private const int CodeVersion = 8;

    /// <summary>The faults of options that fit each by itself but not together; keys are dotted.</summary>
    public static IEnumerable<(string Key, string Fault)> Faults(DatasetOptions dataset, IngestOptions options)
    {
        if (!IsIndexFolder(dataset) && options.Split.Kind == SplitKind.Given)
            yield return ("ingest.split.kind", $"\"given\" needs data that bring a split (dataset.source \"mmrec\" or \"lattice\"); allowed here: {Drawn()}");

        static string Drawn() => string.Join(", ", Enum.GetValues<SplitKind>().Where(kind => kind != SplitKind.Given).Select(kind => $"\"{ConfigurationBinder.NameOf(kind)}\""));
    }

    /// <summary>The options that have no effect beside the others, and why; keys are dotted.</summary>
    public static IEnumerable<(string Key, string Why)> Unused(DatasetOptions dataset, IngestOptions options)
    {
        if (!IsIndexFolder(dataset)) yield break;
        if (options.Core > 1) yield return ("ingest.core", "such a folder is taken as it is, since its ids are indices");
        if (options.Sample is not null) yield return ("ingest.sample", "such a folder is taken as it is, since its ids are indices");
        if (options.DropMissingImages) yield return ("ingest.dropMissingImages", "such a folder has no pictures");
        yield return ("ingest.images", "such a folder has no pictures");
    }

    /// <summary>The stage: a step for each file that is to be fetched first, and the ingest itself, which comes last.</summary>
    /// <param name="dataset">which data</param>
    /// <param name="options">how</param>
    /// <param name="dataFolder">the folder of the user's files (<c>--data</c>); the sample needs none</param>
    /// <param name="folder">the artifact's folder</param>
    /// <param name="matrices">the feature matrices that the configuration's encoders want</param>
    /// <param name="sample">the embedded shop</param>
    /// <param name="again">what is asked for again though nothing changed</param>
    /// <param name="clock">the time that <c>ingest.refreshHours</c> is judged by; null: the system's</param>
    /// <exception cref="ConfigurationException">The options do not fit together, or the data folder is not named.</exception>
    /// <exception cref="InvalidInputException">The data folder or a file is missing.</exception>
    public static IReadOnlyList<Step> Steps(
        DatasetOptions dataset, IngestOptions options, string? dataFolder, string folder, IReadOnlyList<WantedMatrix> matrices, EmbeddedShop sample,
        AskAgain again = AskAgain.Nothing, TimeProvider? clock = null)
    {
        var input = InputOf(dataset, options, dataFolder, folder, matrices, sample);
        var refreshing = new Refreshing(again, options.RefreshHours, clock ?? TimeProvider.System);
        return
        [
            .. input.Downloads.Select(step => step with { RunsAgain = refreshing.FileReason }),
            new Step("ingest", folder, CodeVersion, input.Recipe, input.Downloads.ToDictionary(step => step.Name, step => step.Folder), RunAsync)
            {
                TooManyFailed = facts => IngestLog.TooMany((JsonObject?)facts["failedShares"], options.MaxFailedShare, folder),
                Files = input.Files,
                GoesOn = PictureCollection.GoesOn,
                RunsAgain = refreshing.Reason,
            },
        ];

        async Task RunAsync(StepContext context, CancellationToken cancellation)
        {
            await using var open = await input.OpenAsync(context, cancellation);
            var asks = refreshing.Asks(folder);
            await new IngestRun(open.Source, open.Fetcher, input.Matrices, options, asks, context).RunAsync(cancellation);
            refreshing.Note(context.Output, asks);
        }
    }

    /// <summary>What the stage would read and fetch. Reads the tables, fetches no picture and writes nothing that stays; parameters as for <see cref="Steps"/>.</summary>
    /// <exception cref="ConfigurationException">The options do not fit together, or the data folder is not named.</exception>
    /// <exception cref="InvalidInputException">The data folder or a file is missing, or a published file is not here yet.</exception>
    public static async Task<IngestPlan> PlanAsync(
        DatasetOptions dataset, IngestOptions options, string? dataFolder, string folder, IReadOnlyList<WantedMatrix> matrices, EmbeddedShop sample,
        AskAgain again, IProgressSink progress, TimeProvider clock, CancellationToken cancellation)
    {
        var input = InputOf(dataset, options, dataFolder, folder, matrices, sample);
        var missing = input.Downloads.Where(step => Manifest.TryRead(step.Folder) is null).Select(step => step.Name).ToList();
        if (missing.Count > 0)
            throw new InvalidInputException($"--dry-run: {string.Join(", ", missing)}: not here yet, so nothing can be counted; put the files into --data, or run ingest once without --dry-run");
        var scratch = Directory.CreateTempSubdirectory("lmmrec-plan-");
        try
        {
            var recipe = new Recipe("ingest", CodeVersion, input.Recipe, new SortedDictionary<string, string>());
            var output = new ArtifactWriter(Path.Combine(scratch.FullName, "ingest"), recipe);
            var context = new StepContext(output, progress, clock, Environment.ProcessorCount, "cpu");
            await using var open = await input.OpenAsync(context, cancellation);
            var rate = dataset.Source == DatasetSource.Sample ? double.PositiveInfinity : options.Images.PerHost.RequestsPerSecond;
            return await new IngestRun(open.Source, open.Fetcher, input.Matrices, options, new Refreshing(again, options.RefreshHours, clock).Asks(folder), context)
                .PlanAsync(await FormerPictures.ReadAsync(folder, cancellation), rate, cancellation);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static Input InputOf(
        DatasetOptions dataset, IngestOptions options, string? dataFolder, string folder, IReadOnlyList<WantedMatrix> matrices, EmbeddedShop sample)
    {
        var faults = Faults(dataset, options).ToList();
        if (dataset.Source != DatasetSource.Sample && dataFolder is null)
            faults.Add(("--data", "is needed for any dataset.source but \"sample\": the folder of the input's files"));
        if (faults.Count > 0) throw new ConfigurationException([.. faults.Select(f => $"{f.Key}: {f.Fault}")]);

        return dataset.Source == DatasetSource.Sample
            ? Input.OfSample(dataset.Seed, options, sample)
            : Input.Of(dataset, options, dataFolder!, Path.Combine(Path.GetDirectoryName(folder)!, "downloads"), matrices);
    }

    private static bool IsIndexFolder(DatasetOptions dataset) => dataset.Source is DatasetSource.Mmrec or DatasetSource.Lattice;
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;
using LmmRec.Ingest.Texts;

namespace LmmRec.Ingest;

/// <summary>One run of the stage: from a source to the artifact's tables.</summary>
/// <param name="source">where the data come from</param>
/// <param name="pictures">fetches pictures; null where the source has no catalogue</param>
/// <param name="options">how</param>
/// <param name="context">where the tables go</param>
internal sealed class IngestRun(IDataSource source, Fetcher? pictures, IngestOptions options, StepContext context)
{
    private const string PictureKind = "picture";
    private const int PicturesPerShard = 1000;

    private readonly IngestLog _log = new(context.Progress);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var read = await source.ReadInteractionsAsync(_log, cancellation);
        var table = Prepare(read);
        var matrices = source.OpenMatrices(read.Items, table.Items, _log);
        var wanted = await ReadItemsAsync(table.Items, cancellation);
        IReadOnlyList<ItemRow> items = [.. wanted.Select(w => w.Item)];

        var output = context.Output;
        await output.WriteTableAsync(items, cancellation);
        await output.WriteTableAsync(table.Users.Select((key, user) => new UserRow(user, key)), cancellation);
        await output.WriteTableAsync(table.Rows.Select(row => Row(row, table)), cancellation);
        await output.WriteShardsAsync("images", FetchPicturesAsync(wanted, cancellation), PicturesPerShard, cancellation);
        foreach (var matrix in matrices) await output.WriteTableAsync(Rows(matrix, items), cancellation, $"matrix-{matrix.Name}");
        await output.WriteTableAsync(_log.Failures, cancellation);

        Report(table, items, matrices);
    }

    private InteractionTable Prepare(InteractionTable read)
    {
        foreach (var (column, absent) in _log.AbsentValues())
            context.Progress.Note($"{column}: {absent!["count"]} values could not be read and are absent, the first: {absent["first"]}");
        var kept = source.IdsAreIndices ? Named(read) : Filtered(read);
        if (options.Split.Kind != SplitKind.Given)
        {
            if (kept.Rows[0].Part is not null) context.Progress.Note("the split that the data bring is not used, since ingest.split.kind is not \"given\"");
            kept = Split.Draw(kept, options.Split);
        }
        var (table, coldUsers, coldRows) = kept.WithoutColdUsers();
        _log.Dropped["usersWithoutTrainingRows"] = coldUsers;
        _log.Dropped["interactionsOfUsersWithoutTrainingRows"] = coldRows;
        return table;
    }

    private InteractionTable Named(InteractionTable read)
    {
        var named = read.WithoutUnused();
        var (users, items) = (read.Users.Count - named.Users.Count, read.Items.Count - named.Items.Count);
        if (users + items > 0) context.Progress.Note($"{users} user and {items} item ids below the largest never occur, as where ids begin at 1: they are neither users nor candidates");
        _log.Dropped["usersThatNeverOccur"] = users;
        _log.Dropped["itemsThatNeverOccur"] = items;
        return named;
    }

    // Repeats go first and what users met more than once after the core, as published data sets were made; so the core may have to be taken once more.
    private InteractionTable Filtered(InteractionTable read)
    {
        var filter = new RowFilter(read);
        var duplicates = filter.DropRepeated(whateverTime: false);
        var core = filter.KeepCore(options.Core);
        var repeatedPairs = filter.DropRepeated(whateverTime: true);
        if (repeatedPairs > 0) core += filter.KeepCore(options.Core);
        if (filter.Count == 0)
            throw new InvalidInputException($"no interaction is left of {read.Rows.Count}: no user and item have {options.Core} each; lower ingest.core");
        var kept = filter.Result();
        _log.Dropped["duplicates"] = duplicates;
        _log.Dropped["repeatedPairs"] = repeatedPairs;
        _log.Dropped["coreInteractions"] = core;
        _log.Dropped["coreUsers"] = read.Users.Count - kept.Users.Count;
        _log.Dropped["coreItems"] = read.Items.Count - kept.Items.Count;
        return kept;
    }

    private async Task<IReadOnlyList<PictureWish>> ReadItemsAsync(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        if (await source.ReadCatalogueAsync(keys.ToHashSet(), _log, cancellation) is not { } catalogue)
            return [.. keys.Select((key, item) => new PictureWish(new ItemRow(item, key, null, null, [], null, null, ""), []))];

        var rows = new List<PictureWish>(keys.Count);
        foreach (var key in keys)
        {
            if (!catalogue.TryGetValue(key, out var record))
            {
                record = new ItemRecord(null, null, [], null, []);
                _log.Failed("item", key, url: null, "has interactions but no metadata");
            }
            else _log.Used("item");
            var address = record.Pictures is [var picture, ..] ? PictureAddress.Shown(picture) : null;
            rows.Add(new PictureWish(
                new ItemRow(rows.Count, key, record.Title, record.Brand, [.. record.Categories], record.Description, address, ItemText.Of(record)), record.Pictures));
        }
        return rows;
    }

    private async IAsyncEnumerable<ImageRow> FetchPicturesAsync(IReadOnlyList<PictureWish> wanted, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (pictures is null) yield break;
        var start = context.Clock.GetTimestamp();
        using var task = context.Progress.Start("pictures", wanted.Count(w => w.Pictures.Count > 0));
        await foreach (var (item, row, fault) in new PictureDownloads(pictures, options.Images).RunAsync(wanted, cancellation))
        {
            task.Advance(1);
            if (row is null)
            {
                _log.Failed(PictureKind, item.ItemId, item.ImageUrl, fault!);
                continue;
            }
            _log.Used(PictureKind);
            yield return row;
        }
        context.Output.Timings["pictures"] = new JsonObject
        {
            ["seconds"] = Math.Round(context.Clock.GetElapsedTime(start).TotalSeconds, 3),
            ["retries"] = pictures.Retries,
            ["bytes"] = pictures.Bytes,
        };
    }

    private static InteractionRow Row(Interaction row, InteractionTable table) => new(
        row.User, table.Users[row.User], row.Item, table.Items[row.Item], row.Rating, row.Time,
        row.Part switch { Part.Train => Splits.Train, Part.Validation => Splits.Validation, _ => Splits.Test });

    private static IEnumerable<MatrixRow> Rows(IFeatureMatrix matrix, IReadOnlyList<ItemRow> items) =>
        matrix.ReadRows().Select(row => new MatrixRow(row.Item, items[row.Item].ItemId, row.Vector)); // [F] each

    private void Report(InteractionTable table, IReadOnlyList<ItemRow> items, IReadOnlyList<IFeatureMatrix> matrices)
    {
        var facts = context.Output.Facts;
        facts["users"] = table.Users.Count;
        facts["items"] = table.Items.Count;
        facts["interactions"] = new JsonObject
        {
            [Splits.Train] = table.Rows.Count(r => r.Part == Part.Train),
            [Splits.Validation] = table.Rows.Count(r => r.Part == Part.Validation),
            [Splits.Test] = table.Rows.Count(r => r.Part == Part.Test),
        };
        facts["dropped"] = _log.Dropped;
        facts["absent"] = _log.AbsentValues();
        var (fetched, failed) = _log.Of(PictureKind);
        facts["pictures"] = new JsonObject { ["fetched"] = fetched, ["failed"] = failed, ["withoutAddress"] = items.Count - fetched - failed };
        facts["failures"] = _log.FailureCount;
        facts["failedShares"] = _log.Shares();
        facts["matrices"] = new JsonObject(matrices.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Columns)));
    }
}

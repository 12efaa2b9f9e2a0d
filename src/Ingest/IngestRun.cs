using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Tables;
using LmmRec.Ingest.Http;
using LmmRec.Ingest.Interactions;
using LmmRec.Ingest.Matrices;
using LmmRec.Ingest.Pictures;
using LmmRec.Ingest.Sources;
using LmmRec.Ingest.Texts;

namespace LmmRec.Ingest;

/// <summary>One run of the stage: from a source to the artifact's tables.</summary>
/// <param name="source">where the data come from</param>
/// <param name="fetcher">fetches pictures; null where the source has no catalogue</param>
/// <param name="wanted">the feature matrices that encoders want</param>
/// <param name="options">how</param>
/// <param name="asks">which pictures are asked for again though the run before got them</param>
/// <param name="context">where the tables go</param>
internal sealed class IngestRun(IDataSource source, Fetcher? fetcher, IReadOnlyList<MatrixFile> wanted, IngestOptions options, AskAgain asks, StepContext context)
{
    private readonly IngestLog _log = new(context.Progress);
    private readonly Dictionary<string, int> _matrixRows = []; // written, by matrix
    private readonly SortedDictionary<string, int> _pictures = new(StringComparer.Ordinal); // how many of each status

    public async Task RunAsync(CancellationToken cancellation)
    {
        var read = await source.ReadInteractionsAsync(_log, cancellation);
        var kept = Kept(read);
        var matrices = new List<FeatureMatrix>();
        try
        {
            // What is wrong with them is said before the first picture is fetched.
            foreach (var matrix in wanted)
                matrices.Add(await FeatureMatrix.OpenAsync(
                    matrix, source.IdsAreIndices ? read.Items : null, kept.Items, _log, Path.Combine(context.Output.Unfinished, $"matrix-{matrix.Name}"), cancellation));
            await WriteAsync(kept, matrices, cancellation);
        }
        finally
        {
            foreach (var matrix in matrices) matrix.Dispose();
        }
    }

    /// <summary>Says what <see cref="RunAsync"/> would read and fetch; writes nothing.</summary>
    /// <param name="former">the pictures that are here and need not be fetched</param>
    /// <param name="requestsPerSecond">what one host is asked for</param>
    /// <param name="cancellation">ends the reading</param>
    public async Task<IngestPlan> PlanAsync(FormerPictures former, double requestsPerSecond, CancellationToken cancellation)
    {
        var kept = Kept(await source.ReadInteractionsAsync(_log, cancellation));
        var (items, wishes) = await ReadItemsAsync(kept.Items, cancellation);
        var places = wishes.Select(w => w.First).OfType<PicturePlace>().ToList();
        var asked = wishes.Where(w => w.First is { IsFile: false } && former.TakenOver(w, options.Images, asks) is null);
        var hosts = asked.CountBy(w => PictureAddress.HostOf(w.First!.Value.Text)!);
        return new IngestPlan(kept.Rows.Count, kept.Users.Count, items.Count, places.Count(place => place.IsFile), items.Count - places.Count,
            [.. hosts.OrderByDescending(h => h.Value).ThenBy(h => h.Key, StringComparer.Ordinal)], requestsPerSecond);
    }

    private async Task WriteAsync(InteractionTable kept, IReadOnlyList<FeatureMatrix> matrices, CancellationToken cancellation)
    {
        var named = kept.Items;
        var (items, wishes) = await ReadItemsAsync(named, cancellation);

        var output = context.Output;
        using var collection = await PictureCollection.OpenAsync(options.Images, output, cancellation);
        await GetPicturesAsync(collection, wishes, cancellation);
        if (options.DropMissingImages && fetcher is not null) (kept, items) = WithPictures(kept, items, collection);
        var table = Parted(kept);
        await output.WriteTableAsync(items, cancellation);
        await output.WriteTableAsync(table.Users.Select((key, user) => new UserRow(user, key)), cancellation);
        await output.WriteTableAsync(table.Rows.Select(row => Row(row, table)), cancellation);
        await collection.WriteAsync(output, items, Count, cancellation);
        foreach (var matrix in matrices) await output.WriteTableAsync(Rows(matrix, named, items), cancellation, $"matrix-{matrix.Name}");
        await output.WriteTableAsync(_log.Failures, cancellation);

        Report(table, items, matrices);
    }

    private InteractionTable Kept(InteractionTable read)
    {
        foreach (var (column, absent) in _log.AbsentValues())
            context.Progress.Note($"{column}: {absent!["count"]} values could not be read and are absent, the first: {absent["first"]}");
        return source.IdsAreIndices ? Named(read) : Filtered(read);
    }

    private InteractionTable Parted(InteractionTable kept)
    {
        if (options.Split.Kind != SplitKind.Given)
        {
            if (kept.Rows[0].Part is not null) context.Progress.Note("warning: the split that the data bring is not used, since ingest.split.kind is not \"given\"");
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
        if (users + items > 0) context.Progress.Note($"ids that never occur, as 0 does where they begin at 1: {users} of users, {items} of items; they are neither users nor candidates");
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
        if (options.Sample is { } sample)
        {
            _log.Dropped["outsideSample"] = filter.KeepMostMet(sample);
            core += filter.KeepCore(options.Core);
        }
        if (filter.Count == 0)
            throw new InvalidInputException($"no interaction is left of {read.Rows.Count}: no users and items are left that have {options.Core} each (ingest.core); lower it");
        var kept = filter.Result();
        _log.Dropped["duplicates"] = duplicates;
        _log.Dropped["repeatedPairs"] = repeatedPairs;
        _log.Dropped["coreInteractions"] = core;
        _log.Dropped["coreUsers"] = read.Users.Count - kept.Users.Count;
        _log.Dropped["coreItems"] = read.Items.Count - kept.Items.Count;
        return kept;
    }

    // As the paper did (docs/data.md#items-without-a-vector): after the core, which is not taken again, and before the split. A user stays as long
    // as one row does.
    private (InteractionTable Table, IReadOnlyList<ItemRow> Items) WithPictures(InteractionTable table, IReadOnlyList<ItemRow> items, PictureCollection collection)
    {
        var shown = new bool[items.Count];
        foreach (var item in items)
        {
            var (status, reason) = collection.OutcomeOf(item.ItemId);
            shown[item.Item] = PictureStatus.ShowsItem(status);
            if (!shown[item.Item]) Count(status, item.ItemId, item.ImageUrl, reason);
        }
        var filter = new RowFilter(table);
        _log.Dropped["interactionsOfItemsWithoutPicture"] = filter.KeepItems(shown);
        if (filter.Count == 0)
            throw new InvalidInputException($"ingest.dropMissingImages: none of {items.Count} items has a picture; the first: {collection.OutcomeOf(items[0].ItemId).Reason}; leave it out, or see that pictures can be had");
        var kept = filter.Result(); // whole items are gone, so the others come in the order that they had
        _log.Dropped["itemsWithoutPicture"] = items.Count - kept.Items.Count;
        _log.Dropped["usersOfItemsWithoutPicture"] = table.Users.Count - kept.Users.Count;
        return (kept, [.. items.Where(item => shown[item.Item]).Select((item, index) => item with { Item = index })]);
    }

    private async Task<(IReadOnlyList<ItemRow> Items, IReadOnlyList<PictureWish> Wishes)> ReadItemsAsync(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        if (await source.ReadCatalogueAsync(keys.ToHashSet(), _log, cancellation) is not { } catalogue)
            return ([.. keys.Select((key, item) => new ItemRow(item, key, null, null, [], null, null, ""))], []);

        var rows = new List<ItemRow>(keys.Count);
        var wishes = new List<PictureWish>(keys.Count);
        foreach (var key in keys)
        {
            if (!catalogue.TryGetValue(key, out var record))
            {
                record = new ItemRecord(null, null, [], null, []);
                _log.Failed("item", key, url: null, "has interactions but no metadata");
            }
            else _log.Used("item");
            var wish = new PictureWish(key, record.Pictures);
            rows.Add(new ItemRow(rows.Count, key, record.Title, record.Brand, [.. record.Categories], record.Description, wish.First?.Shown, ItemText.Of(record)));
            wishes.Add(wish);
        }
        return (rows, wishes);
    }

    private async Task GetPicturesAsync(PictureCollection collection, IReadOnlyList<PictureWish> wishes, CancellationToken cancellation)
    {
        if (fetcher is null) return;
        var start = context.Clock.GetTimestamp();
        using (var task = context.Progress.Start("pictures", wishes.Count(w => w.Places.Count > 0)))
            await collection.GetAsync(wishes, PictureQuestion.Of(asks, options.RefreshHours, context.Clock),
                (former, done) => new PictureDownloads(fetcher, options.Images, former, asks, context.Clock, done), () => task.Advance(1), cancellation);
        var changes = collection.Changes();
        context.Output.Timings["pictures"] = new JsonObject
        {
            ["seconds"] = Math.Round(context.Clock.GetElapsedTime(start).TotalSeconds, 3),
            ["new"] = changes.New,
            ["unchanged"] = changes.Unchanged,
            ["failed"] = changes.Failed,
            ["retries"] = fetcher.Retries,
            ["bytes"] = fetcher.Bytes,
        };
    }

    private void Count(PictureRow picture) => Count(picture.Status, picture.ItemId, picture.Url, picture.Reason);

    private void Count(string status, string itemId, string? url, string? reason)
    {
        _pictures[status] = _pictures.GetValueOrDefault(status) + 1;
        if (status is PictureStatus.Failed or PictureStatus.HostAway) _log.Failed(IngestLog.PictureKind, itemId, url, reason!);
        else if (status != PictureStatus.None) _log.Used(IngestLog.PictureKind);
    }

    private static InteractionRow Row(Interaction row, InteractionTable table) => new(
        row.User, table.Users[row.User], row.Item, table.Items[row.Item], row.Rating, row.Time,
        row.Part switch { Part.Train => Splits.Train, Part.Validation => Splits.Validation, _ => Splits.Test });

    // A matrix has rows of the items as they were named, of which some may have been left out since.
    private IEnumerable<MatrixRow> Rows(FeatureMatrix matrix, IReadOnlyList<string> named, IReadOnlyList<ItemRow> items)
    {
        var numbers = items.ToDictionary(item => item.ItemId, item => item.Item, StringComparer.Ordinal);
        foreach (var row in matrix.ReadRows()) // [F] each
        {
            if (!numbers.TryGetValue(named[row.Item], out var item)) continue;
            _matrixRows[matrix.Name] = _matrixRows.GetValueOrDefault(matrix.Name) + 1;
            yield return new MatrixRow(item, named[row.Item], row.Vector);
        }
    }

    private void Report(InteractionTable table, IReadOnlyList<ItemRow> items, IReadOnlyList<FeatureMatrix> matrices)
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
        context.Progress.Note($"kept: {table.Users.Count} users, {table.Items.Count} items, {table.Rows.Count} interactions{(fetcher is null ? "" : $"; pictures: {string.Join(", ", _pictures.Select(p => $"{p.Value} {p.Key}"))}")}");
        facts["pictures"] = new JsonObject(_pictures.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        facts["absent"] = _log.AbsentValues();
        facts["failures"] = _log.FailureCount;
        facts["failedShares"] = _log.Shares();
        facts["matrices"] = new JsonObject(matrices.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Columns)));
        facts["matrixRows"] = new JsonObject(matrices.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)new JsonObject
        {
            ["used"] = _matrixRows.GetValueOrDefault(m.Name),
            ["ofNoItem"] = m.OfNoItem + m.Items - _matrixRows.GetValueOrDefault(m.Name),
            ["repeated"] = m.Repeated,
        })));
    }
}

using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Tests;

public sealed class IngestTablesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Interactions_are_read_by_split_in_the_order_of_the_table()
    {
        await WriteAsync([(0, "a"), (1, "b")], [(0, "x"), (1, "y")], [(1, 0, Splits.Train), (0, 1, Splits.Test), (0, 0, Splits.Train)]);
        var tables = await IngestTables.ReadAsync(_folder.Path, Cancellation);
        Assert.Equal(["a", "b"], tables.UserIds);
        Assert.Equal(["x", "y"], tables.Items.Select(item => item.ItemId));
        Assert.Equal([(1, 0), (0, 0)], tables[Splits.Train]);
        Assert.Equal([(0, 1)], tables[Splits.Test]);
        Assert.Empty(tables[Splits.Validation]);
    }

    [Fact]
    public async Task An_index_that_is_not_its_rows_is_refused()
    {
        await WriteAsync([(0, "a"), (2, "b")], [(0, "x")], []);
        await FailsAsync("row 1 of the table users has the index 2");
    }

    [Fact]
    public async Task An_id_that_is_there_twice_is_refused()
    {
        await WriteAsync([(0, "a")], [(0, "x"), (1, "x")], []);
        await FailsAsync("'x' is in the table items twice");
    }

    [Fact]
    public async Task An_interaction_of_an_unknown_item_is_refused()
    {
        await WriteAsync([(0, "a")], [(0, "x")], [(0, 1, Splits.Train)]);
        await FailsAsync("an interaction names user 0 and item 1; there are 1 users and 1 items");
    }

    [Fact]
    public async Task A_split_that_is_none_is_refused_with_those_that_are_allowed()
    {
        await WriteAsync([(0, "a")], [(0, "x")], [(0, 0, "dev")]);
        await FailsAsync("an interaction is in split 'dev'; allowed: train, validation, test");
    }

    private async Task FailsAsync(string expected)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => IngestTables.ReadAsync(_folder.Path, Cancellation));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private async Task WriteAsync((int Index, string Id)[] users, (int Index, string Id)[] items, (int User, int Item, string Split)[] interactions)
    {
        await TableFile.WriteAsync(TableFile.PathOf<UserRow>(_folder.Path), users.Select(u => new UserRow(u.Index, u.Id)), Cancellation);
        await TableFile.WriteAsync(TableFile.PathOf<ItemRow>(_folder.Path), items.Select(i => new ItemRow(i.Index, i.Id, null, null, [], null, null, "")), Cancellation);
        await TableFile.WriteAsync(
            TableFile.PathOf<InteractionRow>(_folder.Path), interactions.Select(i => new InteractionRow(i.User, $"u{i.User}", i.Item, $"i{i.Item}", null, null, i.Split)), Cancellation);
    }
}

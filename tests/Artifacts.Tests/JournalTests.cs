using LmmRec.Artifacts.Store;

namespace LmmRec.Artifacts.Tests;

public sealed class JournalTests : IDisposable
{
    private sealed record Entry(string Name, string? Note);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_appended_is_there_at_the_next_opening_with_its_bytes()
    {
        var note = new string('é', 5000);
        using (var journal = Open())
        {
            journal.Append(new Entry("a", null), [1, 2, 3]);
            journal.Append(new Entry("b", note), []);
        }
        using var again = Open();
        Assert.Equal([new Entry("a", null), new Entry("b", note)], again.Entries.Select(e => e.Entry));
        var third = again.Append(new Entry("c", null), [4, 5]);
        Assert.Equal(["1 2 3", "", "4 5"], again.Entries.Select(e => string.Join(' ', again.Bytes(e.Place))));
        Assert.Equal("c", again.Read(third).Name);
    }

    [Theory]
    [InlineData("j.jsonl")]
    [InlineData("j.bin")]
    public void What_a_killed_process_left_of_an_entry_is_cut_off_at_whatever_byte(string torn)
    {
        using (var journal = Open())
        {
            journal.Append(new Entry("a", null), [1, 2, 3]);
            journal.Append(new Entry("b", null), [4, 5, 6]);
        }
        var (file, whole) = (_folder.PathOf(torn), File.ReadAllBytes(_folder.PathOf(torn)));
        var kept = torn == "j.bin" ? 3 : Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = kept; length < whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            using (var journal = Open())
            {
                Assert.Equal("a", Assert.Single(journal.Entries).Entry.Name);
                journal.Append(new Entry("c", null), [7]);
            }
            using var again = Open();
            Assert.Equal(["a 1 2 3", "c 7"], again.Entries.Select(e => $"{e.Entry.Name} {string.Join(' ', again.Bytes(e.Place))}"));
            File.WriteAllBytes(_folder.PathOf("j.bin"), [1, 2, 3, 4, 5, 6]);
            if (torn == "j.bin") File.WriteAllText(_folder.PathOf("j.jsonl"), Lines());
        }
    }

    [Fact]
    public void Lines_of_zeros_as_a_power_cut_leaves_them_are_no_entries()
    {
        using (var journal = Open()) journal.Append(new Entry("a", null), [1]);
        File.AppendAllText(_folder.PathOf("j.jsonl"), new string('\0', 100) + "\n{}\n");
        using var again = Open();
        Assert.Equal("a", Assert.Single(again.Entries).Entry.Name);
    }

    [Fact]
    public void Many_threads_may_append_at_a_time()
    {
        using var journal = Open();
        Parallel.For(0, 500, i => journal.Append(new Entry($"{i}", null), [(byte)i, (byte)(i >> 8)]));
        var entries = journal.Entries.ToList();
        Assert.Equal(500, entries.Select(e => e.Entry.Name).Distinct().Count());
        Assert.All(entries, e => Assert.Equal(e.Entry.Name, $"{BitConverter.ToUInt16(journal.Bytes(e.Place))}"));
    }

    private Journal<Entry> Open() => new(_folder.Path, "j");

    private static string Lines() => """
        {"at":0,"length":3,"entry":{"name":"a"}}
        {"at":3,"length":3,"entry":{"name":"b"}}

        """;
}

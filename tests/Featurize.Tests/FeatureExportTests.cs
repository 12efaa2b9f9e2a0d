using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize.Tests;

public sealed class FeatureExportTests : IDisposable
{
    private readonly Shop _shop = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _shop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_matrix_is_written_as_NumPy_writes_it_with_the_ids_of_its_rows()
    {
        await _shop.IngestAsync(1, 2, Shop.NoPicture, 4);
        await _shop.RunAsync(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual });
        var written = await ExportAsync("npy");

        Assert.Equal([("textual.npy", 3, 2)], written);
        Assert.Equal(["textual.npy", "textual.npy.ids"], Directory.EnumerateFiles(_folder.PathOf("npy")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        // 128 bytes, as of numpy.save: the length of the text is that of the rest, which ends with a line.
        byte[] header = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }".PadRight(117) + "\n")];
        var file = await File.ReadAllBytesAsync(_folder.PathOf("npy/textual.npy"), TestContext.Current.CancellationToken);
        Assert.Equal([.. header, .. MemoryMarshal.AsBytes<float>([1, 1, 2, 1, 4, 1])], file);
        Assert.Equal($"{Shop.Id(1)}\n{Shop.Id(2)}\n{Shop.Id(4)}\n", await File.ReadAllTextAsync(_folder.PathOf("npy/textual.npy.ids"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_there_is_not_overwritten_and_what_cannot_be_finished_leaves_nothing()
    {
        await _shop.IngestAsync(1, 2);
        await _shop.RunAsync(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual });
        Directory.CreateDirectory(_folder.PathOf("npy"));
        Assert.Contains("is there already and is never overwritten", (await Assert.ThrowsAsync<InvalidInputException>(() => ExportAsync("npy"))).Message, StringComparison.Ordinal);

        var shard = Directory.EnumerateFiles(Path.Combine(_shop.Features, "audio_feat"), "features-*.parquet").Single();
        await File.WriteAllTextAsync(shard, "damaged", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidInputException>(() => ExportAsync("other"));
        Assert.Equal([_folder.PathOf("npy")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_store_that_lacks_a_shard_or_is_of_another_schema_is_refused_rather_than_exported_in_part()
    {
        await _shop.IngestAsync(1, 2);
        await _shop.RunAsync(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual });
        await _shop.ChangeManifestAsync("audio_feat", "\"schemaVersion\": 1", "\"schemaVersion\": 0");
        Assert.Contains("is of schema version 0, written by another lmmrec; this one reads version 1", await RefusedAsync(), StringComparison.Ordinal);
        await _shop.ChangeManifestAsync("audio_feat", "\"schemaVersion\": 0", "\"schemaVersion\": 1");

        var store = Path.Combine(_shop.Features, "audio_feat");
        // A table all the same, as far as its folder tells.
        File.Move(Path.Combine(store, "features-00000.parquet"), Path.Combine(store, "features-00001.parquet"));
        Assert.EndsWith("features-00000.parquet is missing or damaged; run the stage that writes it again", await RefusedAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

        async Task<string> RefusedAsync() => (await Assert.ThrowsAsync<InvalidInputException>(() => ExportAsync("npy"))).Message;
    }

    [Fact]
    public async Task A_store_that_is_made_anew_while_it_is_read_is_not_exported()
    {
        await _shop.IngestAsync(1, 2);
        await _shop.RunAsync(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual });
        var store = Path.Combine(_shop.Features, "audio_feat");
        var error = await Assert.ThrowsAsync<InvalidInputException>(
            () => FeatureExport.WriteNpyAsync(store, RowsAsync(), _folder.PathOf("npy"), TestContext.Current.CancellationToken));
        Assert.Contains("was made anew while it was read; run 'lmmrec export' again", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));

        async IAsyncEnumerable<FeatureRow> RowsAsync()
        {
            foreach (var row in (await _shop.ReadAsync("audio_feat")).Values)
            {
                yield return row;
                await _shop.IngestAsync(5, 6, 8);
                await _shop.RunAsync(new EncoderOptions { Name = "audio_feat", Slot = Slot.Textual });
            }
        }
    }

    private Task<IReadOnlyList<(string File, int Rows, int Columns)>> ExportAsync(string folder) =>
        FeatureExport.WriteNpyAsync(Path.Combine(_shop.Features, "audio_feat"), _folder.PathOf(folder), TestContext.Current.CancellationToken);
}

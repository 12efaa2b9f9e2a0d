using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;

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

    private Task<IReadOnlyList<(string File, int Rows, int Columns)>> ExportAsync(string folder) =>
        FeatureExport.WriteNpyAsync(Path.Combine(_shop.Features, "audio_feat"), _folder.PathOf(folder), TestContext.Current.CancellationToken);
}

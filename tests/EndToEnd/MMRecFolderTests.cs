using System.Globalization;
using System.Text;

namespace LmmRec.EndToEnd;

/// <summary>A folder in MMRec's layout, whole and with each of its faults.</summary>
public sealed class MMRecFolderTests : IDisposable
{
    private const int Users = 30, Items = 24;

    private readonly TemporaryFolder _folder = new();

    public MMRecFolderTests()
    {
        var lines = new StringBuilder("userID\titemID\tx_label\n");
        for (var user = 0; user < Users; user++)
            for (var n = 0; n < 6; n++)
                lines.Append(CultureInfo.InvariantCulture, $"{user}\t{(user * 5 + n * 3) % Items}\t{(n == 4 ? 1 : n == 5 ? 2 : 0)}\n");
        File.WriteAllText(_folder.PathOf("small.inter"), lines.ToString());
        WriteMatrix("image_feat.npy", Items, 4);
        File.WriteAllText(_folder.PathOf("small.json"),
            """
            {
              "dataset": { "source": "mmrec", "name": "small" }, "ingest": { "core": 1, "split": { "kind": "given" } },
              "encoders": [{ "name": "image_feat", "slot": "visual" }],
              "train": { "modalities": ["v"], "epochs": 2 }, "evaluate": { "cutoffs": [5, 10] }
            }
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_runs_from_the_folder_to_the_report()
    {
        var ended = (await Run()).Expect(0);
        Assert.Contains("vbpr-image_feat-pt-v-s999", ended.Output, StringComparison.Ordinal);
        (await Lmmrec.RunAsync(_folder.Path, "verify")).Expect(0);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        File.Delete(_folder.PathOf("small.inter"));
        await Fails("small.inter");
    }

    [Fact]
    public async Task A_table_without_rows_is_named()
    {
        await File.WriteAllTextAsync(_folder.PathOf("small.inter"), "userID\titemID\tx_label\n", TestContext.Current.CancellationToken);
        await Fails("small.inter");
    }

    [Fact]
    public async Task A_duplicate_interaction_is_named_with_both_lines()
    {
        await File.AppendAllTextAsync(_folder.PathOf("small.inter"), "0\t0\t0\n", TestContext.Current.CancellationToken);
        await Fails("small.inter", "line 2", $"line {Users * 6 + 2}");
    }

    [Fact]
    public async Task A_value_that_is_not_a_number_is_named_with_its_row()
    {
        WriteMatrix("image_feat.npy", Items, 4, wrong: (Row: 7, Value: float.NaN));
        await Fails("image_feat.npy", "row 7");
    }

    [Fact]
    public async Task Feature_rows_that_are_not_the_items_are_counted()
    {
        WriteMatrix("image_feat.npy", Items - 1, 4);
        await Fails("image_feat.npy", $"{Items - 1}", $"{Items}");
    }

    [Fact]
    public async Task A_broken_matrix_is_named()
    {
        var bytes = await File.ReadAllBytesAsync(_folder.PathOf("image_feat.npy"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_folder.PathOf("image_feat.npy"), bytes[..^5], TestContext.Current.CancellationToken);
        await Fails("image_feat.npy");
        await File.WriteAllTextAsync(_folder.PathOf("image_feat.npy"), "no matrix", TestContext.Current.CancellationToken);
        await Fails("image_feat.npy");
    }

    [Fact]
    public async Task A_matrix_that_no_encoder_could_be_is_named()
    {
        var ended = await Run("--set", "encoders.0.name=imge_feat");
        ended.Expect(1);
        Assert.Contains("imge_feat", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_that_finds_neither_pictures_nor_texts_is_refused_before_the_first_training()
    {
        var config = await File.ReadAllTextAsync(_folder.PathOf("small.json"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.PathOf("small.json"),
            config.Replace("\"slot\": \"visual\" }]", "\"slot\": \"visual\" }, { \"name\": \"clip\", \"card\": \"onnx-models/clip-small\" }]", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var ended = (await Run()).Expect(3); // the other encoder's case is trained
        Assert.Contains($"'clip' gives no visual vector: {Items} items have no picture", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("train/vbpr-clip-pt-v-s999: runs", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cutoff_above_the_catalogue_is_refused_before_the_first_training()
    {
        var ended = (await Run("--set", "evaluate.cutoffs=[5,25]")).Expect(1);
        Assert.Contains($"evaluate.cutoffs: 25 is more than the {Items} items", ended.Error, StringComparison.Ordinal);
        Assert.Contains("small.inter", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("bpr-s999: runs", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_modality_that_no_encoder_gives_is_a_fault_of_the_configuration()
    {
        var ended = (await Run("--set", "train.modalities=[\"vt\"]")).Expect(2);
        Assert.Contains("train.modalities: 'vt' needs visual and textual features", ended.Error, StringComparison.Ordinal);
    }

    private Task<Ended> Run(params string[] arguments) => Lmmrec.RunAsync(_folder.Path, ["run", "--config", "small.json", "--data", ".", .. arguments]);

    private async Task Fails(params string[] texts)
    {
        var ended = (await Run()).Expect(1);
        foreach (var text in texts) Assert.Contains(text, ended.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.PathOf("artifacts"), "manifest.json", SearchOption.AllDirectories));
    }

    private void WriteMatrix(string name, int rows, int columns, (int Row, float Value)? wrong = null)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".PadRight(117) + "\n";
        using var writer = new BinaryWriter(File.Create(_folder.PathOf(name)));
        writer.Write([0x93, .. "NUMPY"u8, 1, 0]);
        writer.Write((ushort)header.Length);
        writer.Write(Encoding.ASCII.GetBytes(header));
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                writer.Write(wrong is { } w && w.Row == row && column == 1 ? w.Value : row % (column + 2));
    }
}

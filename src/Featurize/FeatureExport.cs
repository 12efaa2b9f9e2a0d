using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Featurize;

/// <summary>Writes a feature store as files that NumPy reads, and <c>encoders[].file</c> too (docs/data.md#feature-matrices).</summary>
public static class FeatureExport
{
    /// <summary>
    /// Writes <c>visual.npy</c> and <c>textual.npy</c>, float32 [items with a vector, features], and beside each its <c>.ids</c>: the shop's id of each row, one a
    /// line. Items without a vector have no row; a slot without vectors has no file.
    /// </summary>
    /// <param name="store">the folder of the features artifact</param>
    /// <param name="folder">a folder that is not there yet; it takes its name when all is written</param>
    /// <param name="cancellation">ends the writing; nothing is left then</param>
    /// <returns>The files, with their rows and columns.</returns>
    /// <exception cref="InvalidInputException">
    /// There is no whole store, it was made anew meanwhile, the folder is there, or an id cannot stand in a list.
    /// </exception>
    public static Task<IReadOnlyList<(string File, int Rows, int Columns)>> WriteNpyAsync(
        string store, string folder, CancellationToken cancellation) =>
        WriteNpyAsync(store, TableFile.StreamFolderAsync<FeatureRow>(store, cancellation: cancellation), folder, cancellation);

    // The rows are those of the store.
    internal static async Task<IReadOnlyList<(string File, int Rows, int Columns)>> WriteNpyAsync(
        string store, IAsyncEnumerable<FeatureRow> rows, string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(store)) throw new InvalidInputException($"{store}: there is no feature store; run 'lmmrec featurize' first");
        var manifest = Verification.RequireWhole(store);
        if (Path.Exists(folder)) throw new InvalidInputException($"{folder}: is there already and is never overwritten; name another folder, or move it away");
        var writing = Path.TrimEndingDirectorySeparator(folder) + ArtifactWriter.Writing;
        if (Directory.Exists(writing)) Directory.Delete(writing, recursive: true);
        Directory.CreateDirectory(writing);
        try
        {
            using var visual = new NpyWriter(writing, "visual");
            using var textual = new NpyWriter(writing, "textual");
            await foreach (var row in rows.WithCancellation(cancellation))
            {
                if (row.Visual is not null) visual.Add(row.ItemId, row.Visual);
                if (row.Textual is not null) textual.Add(row.ItemId, row.Textual);
            }
            IReadOnlyList<(string, int, int)> files = [.. new[] { visual, textual }.Where(writer => writer.Rows > 0).Select(writer => (writer.FileName, writer.Rows, writer.Finish()))];
            FileSystem.Flush(writing);
            // Its files are opened one by one, and another process may have put a new store in their place.
            if (Manifest.TryRead(store)?.Content != manifest.Content)
                throw new InvalidInputException(
                    $"{store}: was made anew while it was read; run 'lmmrec export' again when 'lmmrec featurize' is done");
            Directory.Move(writing, folder);
            return files;
        }
        catch
        {
            Directory.Delete(writing, recursive: true);
            throw;
        }
    }

    // How many rows there are is known at the end, when the header is written into the place that was kept for it.
    private sealed class NpyWriter(string folder, string slot) : IDisposable
    {
        private const int HeaderBytes = 128, LengthAt = 8, TextAt = 10;

        private FileStream? _values;
        private StreamWriter? _ids;
        private int _columns;

        public string FileName => slot + ".npy";

        public int Rows { get; private set; }

        public void Add(string id, float[] vector)
        {
            if (id.AsSpan().ContainsAny('\r', '\n')) throw new InvalidInputException($"item '{id}': an id with a line break cannot stand in a list of one id a line");
            if (_values is null)
            {
                _values = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
                _ids = new StreamWriter(Path.Combine(folder, FileName + ".ids")) { NewLine = "\n" };
                _values.Write(new byte[HeaderBytes]);
                _columns = vector.Length;
            }
            if (vector.Length != _columns) throw new InvalidInputException($"item '{id}': its {slot} vector has {vector.Length} values, those before it {_columns}; run 'lmmrec featurize' again");
            _values.Write(MemoryMarshal.AsBytes(vector.AsSpan()));
            _ids!.WriteLine(id);
            Rows++;
        }

        /// <returns>How many columns the matrix has.</returns>
        public int Finish()
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Rows}, {_columns}), }}");
            byte[] header = [0x93, .. "NUMPY"u8, 1, 0, 0, 0, .. Encoding.ASCII.GetBytes(text.PadRight(HeaderBytes - TextAt - 1)), (byte)'\n'];
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(LengthAt), HeaderBytes - TextAt);
            _values!.Position = 0;
            _values.Write(header);
            _values.Flush(flushToDisk: true);
            _ids!.Flush();
            ((FileStream)_ids.BaseStream).Flush(flushToDisk: true);
            return _columns;
        }

        public void Dispose()
        {
            _values?.Dispose();
            _ids?.Dispose();
        }
    }
}

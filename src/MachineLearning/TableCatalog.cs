using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;
using Microsoft.ML;

namespace LmmRec.MachineLearning;

/// <summary>Opens tables of artifacts for ML.NET (docs/ml-net.md).</summary>
public static class TableCatalog
{
    /// <summary>
    /// Opens the table of <typeparamref name="TRow"/> in an artifact folder, such as <see cref="FeatureRow"/> in <c>artifacts/sample/features/clip-small</c>. Rows
    /// are read when a cursor comes to them, one row group at a time and of the columns that it wants.
    /// </summary>
    /// <param name="data">ML.NET's catalogue, <c>mlContext.Data</c></param>
    /// <param name="folder">the artifact's folder</param>
    /// <param name="table">the table's name; null: that of the row. A matrix has one of its own, such as <c>matrix-image_feat</c></param>
    /// <returns>
    /// The columns of the table by their names. A vector that is absent is NaN in every place, an absent number NaN, an absent text empty, an absent time the
    /// first there is. A column of vectors without a single one is left out, since nothing says how wide it is.
    /// </returns>
    /// <exception cref="InvalidInputException">
    /// There is no such table, the artifact lacks a file or is of another schema, the table lacks a column, or it cannot be read;
    /// also when a cursor reads.
    /// </exception>
    public static IDataView LoadTable<TRow>(this DataOperationsCatalog data, string folder, string? table = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        // A folder without a manifest may be tables that somebody put together.
        if (File.Exists(Path.Combine(folder, Manifest.FileName))) Verification.RequireWhole(folder);
        return new TableView<TRow>(TableFile.GroupsAsync<TRow>(folder, table).GetAwaiter().GetResult());
    }
}

package inspect

import (
	"maps"
	"slices"

	"github.com/papyra-tools/papyra/internal/safetext"
)

// retention is what the limits in force would keep of a log.
func (l *pageLog) retention() {
	p, limits := &l.Preview, &l.page.head.Retention
	l.section("retention", "Retention")
	if !p.Limited {
		l.put("\n<p class=\"note\">No limit is in force: everything is kept.</p>")
	} else {
		l.put("\n<p class=\"note\">In force: max_records=%v, max_age_seconds=%v, max_total_bytes=%v%v. A compaction would reclaim %v.</p>",
			none(limits.MaxRecords, decimal), none(limits.MaxAgeSeconds, plain), none(limits.MaxTotalBytes, decimal), safetext.String(limits.ByKind(", ")),
			l.size(p.Reclaimable, "retention_preview", "reclaimable_bytes"))
		if p.Refused != "" {
			l.put("\n<p class=\"alert warn\">Compaction would stop: %v.</p>", nameOf(p.Refused))
		}
		if p.Uncertain != 0 {
			l.put("\n<p class=\"alert warn\">Up to %v more would be kept: a stream is not read twice.</p>", plural(p.Uncertain, "record"))
		}
		all := p.Kept.Bytes + p.Expired.Bytes
		l.put(`
<div class="split" role="img" aria-label="%v of the bytes would be kept"><i class="k-audit" style="width:%v%%"></i></div>
<div class="pair">`, percent(p.Kept.Bytes, all), share(p.Kept.Bytes, all))
		l.table(` class="tight"`, `aria-label="Retention by kind"`, "What stays and what goes, by kind",
			heads("Kind")+numberHeads("Kept", "Bytes", "Expired", "Bytes"))
		for _, name := range slices.Sorted(maps.Keys(p.ByKind)) {
			l.row(nameOf(name), l.split(p.ByKind[name], "retention_preview", "by_kind", name)...)
		}
		l.put("\n<tr class=\"sum\"><th scope=\"row\">all</th>%v</tr>"+endTable, cells(l.split(p.split, "retention_preview")...))
		l.table("", `aria-label="Retention by limit"`, "Which limit removes them", heads("Limit")+numberHeads("Records", "Bytes"))
		for _, name := range slices.Sorted(maps.Keys(p.ByLimit)) {
			l.row(name, l.amount(p.ByLimit[name], "retention_preview", "by_limit", name)...)
		}
		l.put(endTable + "\n</div>")
	}
	if p.Damaged != 0 {
		l.put("\n<p class=\"note\">%v are in damaged or blank lines besides. A compaction drops those in front of a record that it drops; a repair drops most of them.</p>",
			l.size(p.Damaged, "retention_preview", "damaged_bytes"))
	}
	l.put("\n</section>")
}

func (l *pageLog) split(s split, key ...any) []markup {
	return append(l.amount(s.Kept, append(key, "kept")...), l.amount(s.Expired, append(key, "expired")...)...)
}

func (l *pageLog) amount(a amount, key ...any) []markup {
	return []markup{l.count(a.Records, append(key, "records")...), l.size(a.Bytes, append(key, "bytes")...)}
}

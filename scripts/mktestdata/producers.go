package main

import (
	"fmt"
	"strings"
	"time"
)

var epoch = func(p *producer) string { return fmt.Sprintf("%d.%07d", p.now.Unix(), p.now.Nanosecond()/100) }

// producers write one record each, in the layout that the documents name which
// the preset of the same name cites.
var producers = map[string]func(*producer) string{
	"papyra": func(p *producer) string {
		ts := fmt.Sprintf("%d.%06d", p.now.Unix(), p.now.Nanosecond()/1000)
		switch p.IntN(8) {
		case 0:
			return fmt.Sprintf(`{"kind": "audit", "system_id": "local", "timestamp": %s, "total_actors": %d, "alive_actors": 8, "registry_orphans": [], "dead_letters_count": 2}`, ts, p.IntN(50))
		case 1:
			return fmt.Sprintf(`{"kind": "dead_letter", "system_id": "local", "target": "local://%d", "message_type": "str", "payload": %s, "timestamp": %s}`, p.IntN(9), p.message(), ts)
		case 2:
			return fmt.Sprintf(`{"kind": "metric", "timestamp": %s, "name": "mailbox.depth", "value": %d}`, ts, p.IntN(99))
		}
		return fmt.Sprintf(`{"kind": "event", "system_id": "local", "actor_address": "local://%d", "event_type": %s, "payload": {"id": %d, "text": %s}, "timestamp": %s}`,
			p.IntN(9), quote(pick(p, "ActorStarted", "ActorStopped", "UserCreated")), p.i, p.message(), ts)
	},
	"any": func(p *producer) string {
		return pick(p, "{}", fmt.Sprintf(`{"n":%d,"text":%s}`, p.i, p.message()), fmt.Sprintf(`{ "at" : "%s" , "values" : [ 1 , 2.5e3 , null ] }`, p.now.Format(time.Kitchen)))
	},
	"docker": func(p *producer) string {
		text := p.message()
		return fmt.Sprintf(`{"log":%s\n","stream":"%s",%s"time":"%s"}`, strings.TrimSuffix(text, `"`), pick(p, "stdout", "stdout", "stderr"),
			p.maybe(9, `"attrs":{"tag":"web"},`), p.nano())
	},
	"pino": func(p *producer) string {
		return fmt.Sprintf(`{"level":%d,"time":%d,"pid":%d,"hostname":"web-%d"%s%s,"msg":%s}`, pick(p, 10, 20, 30, 30, 30, 40, 50, 60), p.now.UnixMilli(), 4000+p.IntN(3), p.IntN(3),
			p.maybe(2, fmt.Sprintf(`,"reqId":"req-%d"`, p.i/3)),
			p.maybe(4, fmt.Sprintf(`,"req":{"method":"%s","url":"%s","remoteAddress":"%s"},"responseTime":%d.%d`, p.method(), p.path(), p.ip(), p.IntN(900), p.IntN(10))), p.message())
	},
	"bunyan": func(p *producer) string {
		return fmt.Sprintf(`{"name":"api","hostname":"web-%d","pid":%d,%s"level":%d,"msg":%s,"time":"%s","v":0}`, p.IntN(3), 4000+p.IntN(3),
			p.maybe(3, `"component":"db",`), pick(p, 10, 20, 30, 30, 40, 50, 60), p.message(), p.millis())
	},
	"winston": func(p *producer) string {
		return fmt.Sprintf(`{"level":"%s","message":%s,"service":"user-service","timestamp":"%s"%s}`, pick(p, "error", "warn", "info", "info", "http", "verbose", "debug", "silly"),
			p.message(), p.millis(), p.maybe(5, `,"stack":"Error: no\n    at main (app.js:3:9)"`))
	},
	"zap": func(p *producer) string {
		return fmt.Sprintf(`{"level":"%s","ts":%s%s,"caller":"server/http.go:%d","msg":%s,"attempt":%d,"backoff":%d.5%s}`, pick(p, "debug", "info", "info", "warn", "error", "dpanic"),
			epoch(p), p.maybe(3, `,"logger":"controller.sync"`), p.IntN(300), p.message(), p.IntN(5), p.IntN(9),
			p.maybe(9, `,"stacktrace":"main.main\n\t/src/main.go:21\nruntime.main\n\t/go/src/runtime/proc.go:271"`))
	},
	"zerolog": func(p *producer) string {
		message := fmt.Sprintf(`,"message":%s`, p.message())
		if p.IntN(110) == 0 {
			message = "" // Send writes none
		}
		return fmt.Sprintf(`{"level":"%s"%s,"user":%d,"time":"%s"%s}`, pick(p, "trace", "debug", "info", "info", "warn", "error", "fatal"),
			p.maybe(6, `,"error":"dial tcp: i/o timeout"`), p.IntN(90), p.now.In(time.FixedZone("", 3600)).Format(time.RFC3339), message)
	},
	"slog": func(p *producer) string {
		return fmt.Sprintf(`{"time":"%s","level":"%s"%s,"msg":%s,"count":%d,"group":{"a":true,"d":%d}}`, p.now.In(time.FixedZone("", 7200)).Format(time.RFC3339Nano),
			pick(p, "DEBUG", "INFO", "INFO", "WARN", "ERROR", "INFO+2", "DEBUG-4"), p.maybe(3, `,"source":{"function":"main.serve","file":"/src/main.go","line":17}`), p.message(), p.IntN(9), p.IntN(1e9))
	},
	"logrus": func(p *producer) string {
		return fmt.Sprintf(`{%s"animal":"walrus","level":"%s","msg":%s,"size":%d,"time":"%s"}`, p.maybe(4, `"file":"/src/main.go:20","func":"main.run",`),
			pick(p, "trace", "debug", "info", "info", "warning", "error", "fatal"), p.message(), p.IntN(99), p.now.Format(time.RFC3339))
	},
	"structlog": func(p *producer) string {
		event := p.message()
		return fmt.Sprintf(`{%s"user_id": %d, "event": %s, "level": "%s", "timestamp": "%s"%s}`, p.maybe(3, `"logger": "app.views", `), p.IntN(99), event,
			pick(p, "debug", "info", "info", "warning", "error", "critical"), p.now.Format("2006-01-02T15:04:05.000000Z"),
			p.maybe(9, `, "exception": "Traceback (most recent call last):\n  File \"app.py\", line 3, in f\nValueError: no"`))
	},
	"ecs": func(p *producer) string {
		version := pick(p, `"ecs.version":"1.2.0"`, `"ecs.version":"8.11.0"`, `"ecs":{"version":"1.6.0"}`)
		return fmt.Sprintf(`{"@timestamp":"%s","log.level":"%s","message":%s,%s,"service.name":"shop","event.dataset":"shop.log","process.thread.name":"http-%d","log.logger":"com.example.%s"}`,
			p.millis(), pick(p, "DEBUG", " INFO", "INFO", "WARN", "ERROR"), p.message(), version, p.IntN(8), pick(p, "Cart", "Order", "Login"))
	},
	"logstash": func(p *producer) string {
		return fmt.Sprintf(`{"@timestamp":"%s","@version":"1","message":%s,"logger_name":"com.example.%s","thread_name":"http-nio-%d","level":"%s","level_value":%d%s}`,
			p.now.In(time.FixedZone("", 3600)).Format("2006-01-02T15:04:05.000000000Z07:00"), p.message(), pick(p, "Cart", "Order"), p.IntN(9), pick(p, "TRACE", "DEBUG", "INFO", "WARN", "ERROR"), 10000+10000*p.IntN(3),
			p.maybe(9, `,"stack_trace":"java.lang.IllegalStateException: no\n\tat com.example.Cart.add(Cart.java:7)\n"`))
	},
	"caddy": func(p *producer) string {
		return fmt.Sprintf(`{"level":"%s","ts":%s,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"%s","remote_port":"%d","client_ip":"%s","proto":"HTTP/2.0","method":"%s","host":"example.com","uri":"%s","headers":{"User-Agent":["curl/8.5.0"],"Accept":["*/*"]},"tls":{"resumed":false,"version":772,"server_name":"example.com"}},"bytes_read":0,"user_id":"","duration":0.%09d,"size":%d,"status":%d,"resp_headers":{"Server":["Caddy"],"Content-Type":[]}}`,
			pick(p, "info", "info", "error"), epoch(p), p.ip(), 1024+p.IntN(60000), p.ip(), p.method(), p.path(), p.IntN(1e9), p.IntN(90000), p.status())
	},
	"traefik": func(p *producer) string {
		return fmt.Sprintf(`{"ClientAddr":"%s:5%04d","ClientHost":"%s","ClientPort":"5%04d","ClientUsername":"-","DownstreamContentSize":%d,"DownstreamStatus":%d,"Duration":%d,"OriginStatus":200,"Overhead":%d,"RequestAddr":"example.com","RequestContentSize":0,"RequestCount":%d,"RequestHost":"example.com","RequestMethod":"%s","RequestPath":"%s","RequestPort":"-","RequestProtocol":"HTTP/2.0","RequestScheme":"https","RetryAttempts":0,"RouterName":"web@docker","ServiceName":"web@docker","StartLocal":"%s","StartUTC":"%s","entryPointName":"websecure","level":"info","msg":"","time":"%s"}`,
			p.ip(), p.IntN(9999), p.ip(), p.IntN(9999), p.IntN(9999), p.status(), p.IntN(1e9), p.IntN(1e5), p.i, p.method(), p.path(), p.nano(), p.nano(), p.now.Format(time.RFC3339))
	},
	"journald": func(p *producer) string {
		p.hex(2)
		return fmt.Sprintf(`{"__CURSOR":"s=%s;i=%x;b=%s;m=%x;t=%x;x=%s","__REALTIME_TIMESTAMP":"%d","__MONOTONIC_TIMESTAMP":"%d","_BOOT_ID":"2f1c3a5b7d9e4f60a1b2c3d4e5f60718","_TRANSPORT":"%s","_HOSTNAME":"db1"%s,"SYSLOG_IDENTIFIER":"%s","MESSAGE":%s%s}`,
			p.hex(32), p.i+4096, p.hex(32), p.i*7919, p.now.UnixMicro(), p.hex(16), p.now.UnixMicro(), p.i*7919, pick(p, "journal", "stdout", "syslog", "kernel", "audit"),
			p.maybe(2, fmt.Sprintf(`,"PRIORITY":"%d"`, p.IntN(8))), pick(p, "sshd", "systemd", "cron"), pick(p, p.message(), p.message(), p.message(), "[27,91,51,49,109,255]"),
			p.maybe(2, `,"_SYSTEMD_UNIT":"ssh.service","_PID":"812","_UID":"0"`))
	},
	"nextcloud": func(p *producer) string {
		return fmt.Sprintf(`{"reqId":"%s","level":%d,"time":"%s","remoteAddr":"%s","user":"%s","app":"%s","method":"%s","url":"%s","message":%s,"userAgent":"Mozilla/5.0 (X11; Linux x86_64)","version":"30.0.4.1"%s}`,
			p.hex(20), p.IntN(5), p.now.Format("2006-01-02T15:04:05-07:00"), p.ip(), pick(p, "alice", "bob", "--"), pick(p, "core", "files", "dav", "no app in context"), p.method(), strings.ReplaceAll(p.path(), "/", `\/`), p.message(),
			p.maybe(6, `,"exception":{"Exception":"OCP\\Files\\NotFoundException","Message":"no","Code":0,"Trace":[{"file":"\/var\/www\/lib\/base.php","line":9,"function":"handle"}]}`))
	},
	"cloudflare": func(p *producer) string {
		return fmt.Sprintf(`{"CacheCacheStatus":"%s","ClientASN":64496,"ClientCountry":"%s","ClientIP":"%s","ClientRequestHost":"example.com","ClientRequestMethod":"%s","ClientRequestURI":"%s","EdgeEndTimestamp":%d,"EdgeResponseBytes":%d,"EdgeResponseStatus":%d,"EdgeStartTimestamp":%d,"RayID":"%s"}`,
			pick(p, "hit", "miss", "dynamic", "unknown"), pick(p, "de", "us", "jp"), p.ip(), p.method(), p.path(), p.now.UnixNano()+int64(p.IntN(1e9)), p.IntN(1e6), p.status(), p.now.UnixNano(), p.hex(16))
	},
	"otel": func(p *producer) string {
		resource := `{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},`
		switch p.IntN(3) {
		case 0:
			return fmt.Sprintf(`{"resourceSpans":[%s"scopeSpans":[{"scope":{"name":"http"},"spans":[{"traceId":"%s","spanId":"%s","name":"%s %s","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%d","status":{}}]}]}]}`,
				resource, p.hex(32), p.hex(16), p.method(), p.path(), p.now.UnixNano(), p.now.UnixNano()+int64(p.IntN(1e9)))
		case 1:
			return fmt.Sprintf(`{"resourceMetrics":[%s"scopeMetrics":[{"scope":{},"metrics":[{"name":"queue.size","gauge":{"dataPoints":[{"timeUnixNano":"%d","asInt":"%d"}]}}]}]}]}`, resource, p.now.UnixNano(), p.IntN(999))
		}
		return fmt.Sprintf(`{"resourceLogs":[%s"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"%d","severityNumber":9,"severityText":"Info","body":{"stringValue":%s},"traceId":"","spanId":""}]}]}]}`,
			resource, p.now.UnixNano(), p.message())
	},
	"transcript": func(p *producer) string {
		if p.i == 0 {
			p.last = "null"
			return fmt.Sprintf(`{"type":"summary","summary":"Mend the parser","leafUuid":"%s"}`, p.uuid())
		}
		if p.IntN(12) == 0 {
			return fmt.Sprintf(`{"type":"file-history-snapshot","messageId":"%s","snapshot":{"trackedFileBackups":{},"timestamp":"%s"},"isSnapshotUpdate":false}`, p.uuid(), p.millis())
		}
		id, parent := quote(p.uuid()), p.last
		p.last = id
		head := fmt.Sprintf(`{"parentUuid":%s,"isSidechain":false,"userType":"external","cwd":"/home/me/src","sessionId":"5b0f4c1e-8a51-4a6e-9a29-0f5d1c3b7e21","version":"2.1.121","gitBranch":"main"`, parent)
		if p.IntN(2) == 0 {
			return head + fmt.Sprintf(`,"type":"user","message":{"role":"user","content":%s},"uuid":%s,"timestamp":"%s"}`, p.message(), id, p.millis())
		}
		return head + fmt.Sprintf(`,"message":{"model":"some-model","id":"msg_%s","type":"message","role":"assistant","content":[{"type":"text","text":%s},{"type":"tool_use","id":"tool_%s","name":"Edit","input":{"file":"a.go","old":"{\"type\":\"user\"}","new":%s}}],"usage":{"input_tokens":%d,"output_tokens":%d}},"requestId":"req_%s","type":"assistant","uuid":%s,"timestamp":"%s"}`,
			p.hex(20), p.message(), p.hex(20), p.message(), p.IntN(9000), p.IntN(900), p.hex(20), id, p.millis())
	},
	"rollout": func(p *producer) string {
		kind, payload := "response_item", fmt.Sprintf(`{"type":"message","role":"%s","content":[{"type":"input_text","text":%s}]}`, pick(p, "user", "assistant", "developer"), p.message())
		switch {
		case p.i == 0:
			kind, payload = "session_meta", fmt.Sprintf(`{"id":"%s","timestamp":"%s","cwd":"/home/me/src","originator":"cli","cli_version":"0.65.0"}`, p.uuid(), p.millis())
		case p.IntN(4) == 0:
			kind, payload = "event_msg", fmt.Sprintf(`{"type":"token_count","info":{"total_token_usage":{"input_tokens":%d}}}`, p.IntN(90000))
		case p.IntN(6) == 0:
			kind, payload = "turn_context", `{"cwd":"/home/me/src","approval_policy":"never","model":"some-model"}`
		case p.IntN(3) == 0:
			payload = fmt.Sprintf(`{"type":"function_call","name":"shell","arguments":%s,"call_id":"call_%s"}`, quote(`{"command":["ls","-l"],"timestamp":"2026-01-01T00:00:00Z","type":"x","payload":{}}`), p.hex(12))
		}
		return fmt.Sprintf(`{"timestamp":"%s","type":"%s","payload":%s}`, p.millis(), kind, payload)
	},
	"batch": func(p *producer) string {
		return fmt.Sprintf(`{"custom_id": "request-%d", "method": "POST", "url": "%s", "body": {"model": "some-model", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": %s}], "max_tokens": %d}}`,
			p.i, pick(p, "/v1/chat/completions", "/v1/chat/completions", "/v1/embeddings"), p.message(), 1+p.IntN(2000))
	},
}
